"""Where a stream was rewritten, beyond what a root can say."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger import checkpoints, narrowing
from ledger.verdicts import StreamVerdict
from ledger.verify import verify
from tests.ledger.bundle.made import ORIGIN, tell
from tests.ledger.events import happen
from tests.tamper import hands
from tests.tamper.world import superuser

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 600  # two blocks of 256, and some


@pytest.fixture(autouse=True)
def signed() -> None:
    """Let a stream be signed once, at its end: nothing tells of a part of it."""
    happen()
    tell(SIZE)
    checkpoints.sign_everything()


def verdict() -> StreamVerdict:
    [found] = [stream for stream in verify().streams if stream.origin == ORIGIN]
    return found


def rewritten(place: int, end: int = SIZE) -> None:
    """Edit an entry and hash it and those up to `end` again; later ones stay as they were."""
    with superuser() as cursor:
        kept = hands.entries(cursor, ORIGIN)
        cursor.execute(f"SELECT hash FROM entry WHERE {hands.MINE} ORDER BY seq", [ORIGIN])
        hashes = [bytes(row[0]) for row in cursor.fetchall()]
        hands.rewrite(cursor, ORIGIN, place, [hands.edited(kept[place]), *kept[place + 1 :]])
        with hands.unguarded(cursor, "entry"):
            for seq in range(end, SIZE):
                cursor.execute(
                    f"UPDATE entry SET hash = %s WHERE {hands.MINE} AND seq = %s",
                    [hashes[seq], ORIGIN, seq],
                )


def nothing(*_: Any) -> list[Any]:
    return []


@pytest.mark.parametrize(("place", "first"), [(300, 256), (256, 256), (17, 0), (599, 512)])
def test_tiles_name_the_block_that_was_hashed_again(
    place: int, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict().first_bad_seq is None
    rewritten(place)

    found = verdict()

    # the last block is not full yet, so that no tile tells of it
    assert found.first_bad_seq == (first if place < 512 else 0)
    assert ("L206" in found.codes) == (place < 512)
    monkeypatch.setattr(narrowing, "judge", nothing)
    assert verdict().first_bad_seq == 0


@pytest.mark.parametrize("place", [0, 40, 300, 598])
def test_the_entry_after_names_the_one_that_was_hashed_again(
    place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten(place, place + 1)

    # of the last entry nothing says whether it was itself changed
    assert verdict().first_bad_seq == (place if place < SIZE - 2 else SIZE - 1)
    monkeypatch.setattr(narrowing, "judge", nothing)
    assert verdict().first_bad_seq == place + 1


def test_both_together_name_the_block_where_it_began() -> None:
    rewritten(17, 560)

    found = verdict()

    assert found.first_bad_seq == 0
    assert {(f.seq, f.code) for f in found.faults} >= {
        (0, "L206"),
        (559, "L203"),
        (560, "L203"),
    }


def time_alone(cursor: Any) -> None:
    hands.change_one(cursor, ORIGIN, 40, "sealed_us = sealed_us + 1", [])


def hash_alone(cursor: Any) -> None:
    hands.change_one(cursor, ORIGIN, 40, "hash = sha256(hash)", [])


def bytes_alone(cursor: Any) -> None:
    hands.change_body(cursor, ORIGIN, 40, "body = body || ' '::bytea", [])


@pytest.mark.parametrize("act", [time_alone, hash_alone, bytes_alone])
def test_what_was_changed_in_its_place_is_not_blamed_on_another(
    act: Callable[[Any], None],
) -> None:
    with superuser() as cursor:
        act(cursor)

    assert verdict().first_bad_seq == 40


def test_tiles_that_were_changed_with_it_tell_nothing() -> None:
    rewritten(300)
    with superuser() as cursor, hands.unguarded(cursor, "tile"):
        cursor.execute(f"DELETE FROM tile WHERE {hands.MINE}", [ORIGIN])

    found = verdict()

    assert (found.first_bad_seq, "L206" in found.codes) == (0, False)
