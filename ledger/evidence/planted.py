"""Faults planted in a copy of a stream: the verifier must report each where it lies."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger import hashing, heads
from ledger.merkle import tree_hash
from ledger.models import Entry, Stream
from ledger.registry import Observation
from ledger.segments import Row, Segment, check_rows

MOST = 500  # entries copied
LEAST = 4  # a fault in the middle needs something on both sides


@dataclass(frozen=True)
class Copy:
    """The first entries of a stream, in memory; nothing done here reaches the database."""

    stream: Stream
    rows: tuple[Row, ...]

    @property
    def middle(self) -> int:
        return len(self.rows) // 2

    def first_fault(self, rows: list[Row]) -> int | None:
        """Return where the verifier finds the first fault in altered `rows`."""
        whole = Segment(self.stream.pk, self.stream.origin, 0, len(self.rows))
        faults = check_rows(whole, rows).faults
        return min((f.seq for f in faults if f.seq is not None), default=None)


Plant = Callable[[Copy], list[Row]]


def _byte(copy: Copy) -> list[Row]:
    rows = list(copy.rows)
    rows[copy.middle] = rows[copy.middle]._replace(body=_flipped(rows[copy.middle]))
    return rows


def _flipped(row: Row) -> memoryview:
    body = bytearray(row.body or b"")
    body[len(body) // 2] ^= 1
    return memoryview(bytes(body))


def _body_and_commitment(copy: Copy) -> list[Row]:
    rows = _byte(copy)
    row = rows[copy.middle]
    committed = hashing.commitment(bytes(row.salt or b""), bytes(row.body or b""))
    rows[copy.middle] = row._replace(commitment=memoryview(committed))
    return rows


def _removed(copy: Copy) -> list[Row]:
    rows = list(copy.rows)
    del rows[copy.middle]
    return rows


def _swapped(copy: Copy) -> list[Row]:
    rows, at = list(copy.rows), copy.middle
    first, second = rows[at], rows[at + 1]
    rows[at] = second._replace(seq=first.seq)
    rows[at + 1] = first._replace(seq=second.seq)
    return rows


def _cut(copy: Copy) -> list[Row]:
    return list(copy.rows[:-1])


PLANTS: tuple[tuple[str, Plant, Callable[[Copy], int]], ...] = (
    ("Change one byte of a body", _byte, lambda copy: copy.middle),
    ("Change a body and its commitment", _body_and_commitment, lambda copy: copy.middle),
    ("Remove an entry", _removed, lambda copy: copy.middle),
    ("Swap two entries", _swapped, lambda copy: copy.middle),
    ("Cut the last entry off", _cut, lambda copy: len(copy.rows) - 1),
)


def faults() -> Iterator[Observation]:
    """Plant each fault in a copy of the organisation's stream; yield what the verifier said."""
    stream = Stream.objects.filter(origin__endswith="/org").first()
    copy = Copy(stream, tuple(_rows(stream, MOST))) if stream else None
    if copy is None or len(copy.rows) < LEAST:
        return
    for attempted, plant, place in PLANTS:
        yield _observation(copy, attempted, place(copy), copy.first_fault(plant(copy)))
    yield _rewritten(copy)


def _rows(stream: Stream, most: int) -> Iterator[Row]:
    entries = Entry.objects.filter(stream=stream).select_related("body").order_by("seq")[:most]
    for entry in entries:
        body = entry.body
        yield Row(
            entry.seq,
            entry.sealed_us,
            memoryview(entry.commitment),
            memoryview(entry.hash),
            body.stream_id,
            memoryview(body.salt or b""),
            memoryview(body.body or b""),
        )


def _observation(copy: Copy, attempted: str, place: int, found: int | None) -> Observation:
    named = found == place
    return Observation(
        target=f"copy of {len(copy.rows):,} entries of org",
        attempted=attempted,
        expected=f"found at {place:,}",
        observed="not found" if found is None else f"found at {found:,}",
        result="pass" if named else "fail",
        details={"planted": 1, "found": int(found is not None), "first_bad_named": int(named)},
    )


def _rewritten(copy: Copy) -> Observation:
    """Rewrite everything from the middle on, hashes too: only a head on record tells."""
    attempted = "Rewrite the second half with new hashes"
    kept = [claim for claim in heads.known_heads().get(copy.stream.origin, []) if claim.size]
    reached = [claim for claim in kept if copy.middle < claim.size <= len(copy.rows)]
    if not reached:
        return Observation(
            target=f"copy of {len(copy.rows):,} entries of org",
            attempted=attempted,
            expected="another root than the one on record",
            observed="no head on record reaches into the copy",
            result="no_data",
            examined=0,
        )
    claim = max(reached, key=lambda each: each.size)
    forged = tree_hash(_forged(copy)[: claim.size])
    found = forged != claim.root
    return Observation(
        target=f"copy of {len(copy.rows):,} entries of org",
        attempted=attempted,
        expected="another root than the one on record",
        observed=f"root {base64.b64encode(forged).decode()[:8]}… at {claim.size:,} entries,"
        f" {'not ' if found else ''}the one of {claim.source}",
        result="pass" if found else "fail",
        details={"planted": 1, "found": int(found), "first_bad_named": int(found)},
    )


def _forged(copy: Copy) -> list[bytes]:
    """Return the hashes of a chain that is sound in itself, but says something else."""
    stream_id = hashing.origin_id(copy.stream.origin)
    hashes = [bytes(row.hash) for row in copy.rows[: copy.middle]]
    for row in copy.rows[copy.middle :]:
        committed = hashing.commitment(bytes(row.salt or b""), bytes(_flipped(row)))
        leaf = hashing.leaf(stream_id, row.seq, row.sealed_us, hashes[-1], committed)
        hashes.append(hashing.leaf_hash(leaf))
    return hashes
