"""Row 43: a clock that was set back before somebody signed, against the clocks outside.

Nothing in the stream tells: the time of sealing follows the one before and agrees with what
the entry says.  The witness cosigned the entries before at a later time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections

from ledger import checkpoints, moments, verify
from ledger.models import Stream
from ledger.tiles import root_at
from ledger.verifier.notes import (
    Checkpoint,
    Note,
    NoteLine,
    VKey,
    checkpoint_text,
    cosigned_message,
    note_bytes,
)
from tests.ledger.bundle.made import ORIGIN, tell_on
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
WITNESS = VKey.for_witness("witness.example/w1", KEY.public_key().public_bytes_raw())
FIRST = date(2026, 10, 1)
DAYS = [0, 1, 2, 3, 4]  # on which an entry is sealed, at noon
LAG = timedelta(minutes=2)


def noon(day: int) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(12), tzinfo=UTC)


def seen(size: int, at: datetime) -> None:
    """Keep the cosignature of a witness that saw so many entries at that time by its clock."""
    stream = Stream.objects.get(origin=ORIGIN)
    text = checkpoint_text(Checkpoint(ORIGIN, size, root_at(stream, size)))
    seconds = int(at.timestamp())
    signature = KEY.sign(cosigned_message(seconds, text))
    line = NoteLine(WITNESS.name, WITNESS.key_id, seconds.to_bytes(8) + signature)
    token = note_bytes(Note(text, [line])).removeprefix(f"{text}\n".encode())
    with connections["seal"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.anchor (stream, size, kind, token)"
            " VALUES (%s, %s, 'witness', %s)",
            [stream.pk, size, token],
        )


def told(superuser: Any, sightings: list[tuple[int, datetime]]) -> dict[int | None, str]:
    """Tell a stream, let the witness see it, and return what is noted about its times."""
    happen()
    tell_on(superuser, [FIRST + timedelta(days=day) for day in DAYS])
    checkpoints.sign_everything()
    for size, at in sightings:
        seen(size, at)
    [stream] = [each for each in verify.verify().streams if each.origin == ORIGIN]
    assert stream.integrity == "ok"
    return {fault.seq: fault.message for fault in stream.faults if fault.code == moments.CODE}


HONEST = [(size, noon(size - 1) + LAG) for size in (1, 2, 3, 4, 5)]
BACK = 30  # days by which the clock was set back before entry 3
SET_BACK = [*HONEST[:3], *[(size, noon(size - 1 + BACK) + LAG) for size in (4, 5)]]
FORGED = [  # the witness saw the first three much later than the fourth says
    (3, noon(2 + BACK)),
    (5, noon(4 + BACK)),
]
AHEAD = [*HONEST[:3], (4, noon(3) - timedelta(days=1)), (5, noon(4) + LAG)]


def test_honest_times_are_not_noted(superuser_cursor: Any) -> None:
    assert told(superuser_cursor, HONEST) == {}


@pytest.mark.parametrize(
    ("sightings", "entry", "said"),
    [
        (SET_BACK, 3, "long before it was seen outside, at 2026-11-03 12:02 UTC"),
        (FORGED, 3, "follows what was seen outside at 2026-11-02 12:00 UTC"),
        (AHEAD, 3, "sealed later than it was seen outside, at 2026-10-03 12:00 UTC"),
    ],
)
def test_a_clock_that_was_set_is_noted_at_the_entry(
    sightings: list[tuple[int, datetime]],
    entry: int,
    said: str,
    superuser_cursor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = told(superuser_cursor, sightings)

    assert min(seq for seq in found if seq is not None) == entry
    assert said in found[entry]

    monkeypatch.setattr(moments, "_disagreements", lambda *_, **__: [])
    [stream] = [each for each in verify.verify().streams if each.origin == ORIGIN]
    assert moments.CODE not in {fault.code for fault in stream.faults}


def test_what_was_first_seen_late_is_not_noted(superuser_cursor: Any) -> None:
    """A witness that was asked for the first time saw everything late."""
    assert told(superuser_cursor, [(5, noon(90))]) == {}


def test_a_token_that_cannot_be_read_tells_nothing(superuser_cursor: Any) -> None:
    happen()
    tell_on(superuser_cursor, [FIRST])
    stream = Stream.objects.get(origin=ORIGIN)
    with connections["seal"].cursor() as cursor:
        for kind in ("witness", "rfc3161", "folder"):
            cursor.execute(
                "INSERT INTO ledger.anchor (stream, size, kind, token) VALUES (%s, 1, %s, %s)",
                [stream.pk, kind, b"\xff no token"],
            )

    assert moments.judge(stream) == []
