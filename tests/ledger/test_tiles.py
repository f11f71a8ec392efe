"""Tiles: roots and proofs from them are those of the definition, however they were stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.models import Checkpoint, Stream
from ledger.proofs import verify_consistency, verify_inclusion
from ledger.tiles import (
    consistency_proof,
    extend,
    extended,
    inclusion_proof,
    root_at,
    tile,
)
from tests.ledger.events import happen
from tests.ledger.loading import load_stream
from tests.ledger.trees import Reference, grow, plant

pytestmark = pytest.mark.django_db(transaction=True)

TALL = 66_000  # more than 256 × 256, so that there are tiles of level 2
LONG = Path(__file__).parents[1] / "data" / "ledger" / "long"
REFERENCE = Reference(TALL)
CORNERS = [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 65_793, TALL]
sizes = st.one_of(st.sampled_from(CORNERS), st.integers(1, 1200), st.integers(1, TALL))


def stored(stream: Stream) -> dict[tuple[int, int], bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT level, idx, data FROM ledger.tile WHERE stream = %s", [stream.pk]
        )
        return {(level, index): bytes(data) for level, index, data in cursor.fetchall()}


def expected(size: int) -> dict[tuple[int, int], bytes]:
    return {
        (level, index): REFERENCE.tile(level, index, size)
        for level in (1, 2)
        for index in range(-(-(size >> 8 * level) // 256))
    }


def law(*strategies: Any, examples: int = 60) -> Callable[[Callable[..., None]], None]:
    """Try a law at once, many times on the one database of this test."""

    def attempt(function: Callable[..., None]) -> None:
        typed: Any = given  # whose answer has no type
        tried: Any = settings(max_examples=examples)
        tried(typed(*strategies)(function))()

    return attempt


def flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


@pytest.mark.parametrize("extended", [0, 300, 65_600, TALL])
def test_roots_are_those_of_the_definition(superuser_cursor: Any, extended: int) -> None:
    stream = plant(superuser_cursor, TALL)
    if extended:
        assert extend(stream, extended) == REFERENCE.root(extended)

    for size in CORNERS:
        assert root_at(stream, size) == REFERENCE.root(size)


def test_every_inclusion_proof_verifies_and_a_changed_one_does_not(
    superuser_cursor: Any,
) -> None:
    stream = plant(superuser_cursor, TALL)
    extend(stream, TALL - 600)  # a proof may need what is stored and what is not

    @law(sizes, st.data())
    def _(size: int, data: st.DataObject) -> None:
        seq = data.draw(st.integers(0, size - 1))
        leaf, root = REFERENCE.levels[0][seq], REFERENCE.root(size)
        proof = inclusion_proof(stream, seq, size)

        assert verify_inclusion(seq, size, leaf, proof, root)
        assert not verify_inclusion(seq, size, flipped(leaf), proof, root)
        assert not verify_inclusion(seq, size, leaf, proof, flipped(root))
        other = data.draw(st.integers(0, size))
        assert other == seq or not verify_inclusion(other, size, leaf, proof, root)
        for place in range(len(proof)):
            changed = [*proof[:place], flipped(proof[place]), *proof[place + 1 :]]
            assert not verify_inclusion(seq, size, leaf, changed, root)
            assert not verify_inclusion(seq, size, leaf, proof[:place], root)


def test_every_consistency_proof_verifies_and_a_changed_one_does_not(
    superuser_cursor: Any,
) -> None:
    stream = plant(superuser_cursor, TALL)
    extend(stream, TALL - 600)

    @law(sizes, sizes)
    def _(one: int, two: int) -> None:
        size1, size2 = sorted((one, two))
        old, new = REFERENCE.root(size1), REFERENCE.root(size2)
        proof = consistency_proof(stream, size1, size2)

        assert verify_consistency(size1, size2, old, new, proof)
        assert not verify_consistency(size1, size2, flipped(old), new, proof)
        assert not verify_consistency(size1, size2, old, flipped(new), proof)
        assert not verify_consistency(size1 + 1, size2, old, new, proof)
        for place in range(len(proof)):
            changed = [*proof[:place], flipped(proof[place]), *proof[place + 1 :]]
            assert not verify_consistency(size1, size2, old, new, changed)


def test_extending_proves_in_the_same_look_what_it_goes_on_from(superuser_cursor: Any) -> None:
    stream = plant(superuser_cursor, TALL)
    extend(stream, TALL - 600)

    @law(st.integers(1, TALL), st.integers(TALL - 600, TALL))
    def _(since: int, size: int) -> None:
        since = min(since, size)
        root, proof = extended(stream, size, since)

        assert root == REFERENCE.root(size)
        assert proof == consistency_proof(stream, since, size)
        assert verify_consistency(since, size, REFERENCE.root(since), root, proof)

    assert extended(stream, TALL) == (REFERENCE.root(TALL), [])
    assert stored(stream) == expected(TALL)
    for since in (0, TALL + 1):
        with pytest.raises(ValueError, match="not the beginning"):
            extended(stream, TALL, since)


def test_extending_in_any_steps_gives_the_same_tiles(superuser_cursor: Any) -> None:
    number = iter(range(10_000))

    @law(st.lists(st.integers(1, 1400), min_size=1, max_size=5), examples=15)
    def _(steps: list[int]) -> None:
        stream = plant(
            superuser_cursor, max(steps), origin=f"localhost/ledger/p/s{next(number)}"
        )
        for size in steps:  # a smaller one after a larger changes nothing
            assert extend(stream, size) == REFERENCE.root(size)

        assert stored(stream) == expected(max(steps))


def test_tiles_grow_across_the_second_level(superuser_cursor: Any) -> None:
    stream = plant(superuser_cursor, 65_535)
    extend(stream, 65_279)
    extend(stream, 65_535)
    grow(superuser_cursor, stream.pk, 65_535, TALL)

    for size in (65_536, 65_537, 65_800, TALL):
        assert extend(stream, size) == REFERENCE.root(size)
        assert stored(stream) == expected(size)


def test_a_tile_is_that_of_the_tree_size_asked_for(superuser_cursor: Any) -> None:
    stream = plant(superuser_cursor, TALL)
    extend(stream, TALL)

    for level, index, size in [
        *((0, 0, 1), (0, 0, 256), (0, 257, 65_800), (1, 0, 300), (1, 0, 65_535)),
        *((1, 0, TALL), (1, 1, TALL), (2, 0, 65_536), (2, 0, TALL)),
    ]:
        assert tile(stream, level, index, size) == REFERENCE.tile(level, index, size)


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: root_at(s, 0),
        lambda s: root_at(s, 601),
        lambda s: root_at(s, 768),
        lambda s: extend(s, 601),
        lambda s: extend(s, 0),
        lambda s: inclusion_proof(s, 600, 600),
        lambda s: inclusion_proof(s, -1, 600),
        lambda s: inclusion_proof(s, 0, 601),
        lambda s: inclusion_proof(s, 5, 1024),
        lambda s: consistency_proof(s, 0, 600),
        lambda s: consistency_proof(s, 7, 6),
        lambda s: consistency_proof(s, 6, 601),
        lambda s: tile(s, 0, 3, 600),
        lambda s: tile(s, 0, 2, 601),
        lambda s: tile(s, 2, 0, 600),
        lambda s: tile(s, -1, 0, 600),
    ],
)
def test_what_is_outside_the_stream_is_refused(
    superuser_cursor: Any, ask: Callable[[Stream], object]
) -> None:
    stream = plant(superuser_cursor, 600)
    with pytest.raises(ValueError, match=r"entr|Entry|tree|tile"):
        ask(stream)

    assert extend(stream, 600) == REFERENCE.root(600)


def test_a_gap_gives_no_root(superuser_cursor: Any) -> None:
    stream = plant(superuser_cursor, 300)
    grow(superuser_cursor, stream.pk, 301, 600)

    for size in (301, 400, 512, 600):
        with pytest.raises(ValueError, match=r"lacks entries before #"):
            root_at(stream, size)


def test_a_proof_takes_as_many_queries_in_a_tall_tree_as_in_a_small_one(
    superuser_cursor: Any,
) -> None:
    stream = plant(superuser_cursor, TALL)
    extend(stream, TALL)

    for size in (10, 1000, TALL):
        with CaptureQueriesContext(connection) as queries:
            inclusion_proof(stream, size // 3, size)
            consistency_proof(stream, size // 3, size)
        assert len(queries) == 2


def test_tiles_and_roots_are_the_published_ones(superuser_cursor: Any) -> None:
    files = {str(p.relative_to(LONG)): p.read_bytes() for p in LONG.rglob("*") if p.is_file()}
    origin, *_ = files["checkpoint"].decode().split("\n")
    # Without the tiles above level 0: those are to be made.
    told = {name: content for name, content in files.items() if not name.startswith("tile/1")}
    stream = load_stream(superuser_cursor, origin, told).stream

    size = 300
    assert tile(stream, 0, 0, size) == files["tile/0/000"]
    assert tile(stream, 0, 1, size) == files["tile/0/001.p/44"]
    assert tile(stream, 1, 0, size) == files["tile/1/000.p/1"]  # from what lies below
    for checkpoint in Checkpoint.objects.filter(stream=stream):
        assert root_at(stream, checkpoint.size) == bytes(checkpoint.root)
        assert extend(stream, checkpoint.size) == bytes(checkpoint.root)
    assert stored(stream) == {(1, 0): files["tile/1/000.p/1"]}
    assert sorted(c.size for c in Checkpoint.objects.all()) == [1, 2, 100, 256, 257, 300]


def test_two_who_extend_at_once_agree(superuser_cursor: Any) -> None:
    stream, roots = plant(superuser_cursor, 3000), []

    def work(size: int) -> None:
        try:
            roots.append((size, extend(stream, size)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[size]) for size in (3000, 2900, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(roots) == sorted((size, REFERENCE.root(size)) for size in (3000, 2900, 3000))
    assert stored(stream) == expected(3000)


def test_the_tree_stands_on_the_entries_of_a_real_stream() -> None:
    receipts = [happen(number=n) for n in range(5)]
    stream = Stream.objects.get()

    root = extend(stream, 5)
    proof = inclusion_proof(stream, 3, 5)

    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM ledger.entry WHERE seq = 3")
        leaf = bytes(cursor.fetchone()[0])
    assert receipts[3].seq() == 3
    assert verify_inclusion(3, 5, leaf, proof, root)
