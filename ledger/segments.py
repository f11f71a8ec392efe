"""Check one segment of a stream from its stored bytes; segments are independent.

Each row stores its own hash, so a segment needs only the hash of the entry before it.
Nothing here needs Django: worker processes run it on connections of their own.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger import copied_rows, hashing
from ledger.canonical_json import CanonicalError, parse
from ledger.copied_rows import BODY
from ledger.merkle import Peak, Tree
from ledger.usual_rows import Before, judge
from ledger.verifier.envelope import envelope_fault, time_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEGMENT_LEVEL = 13
SEGMENT = 1 << SEGMENT_LEVEL  # entries; a perfect subtree
AHEAD_US = 5 * 60 * 1_000_000  # how far the told time may be off without a note: N906
BEHIND_US = 24 * 3600 * 1_000_000
MAX_FAULTS = 200  # listed for each segment; the rest is counted

_BEFORE = """
SELECT seq, hash, sealed_us FROM ledger.entry
WHERE stream = %s AND seq < %s ORDER BY seq DESC LIMIT 1
"""


_NUMBER, _PLACE = struct.Struct(">i"), struct.Struct(">q")

NOT_FOLLOWING = (
    "Its hash does not follow from its place, time, commitment and the entry before it:"
    " one of them was changed."
)


class Row(NamedTuple):
    """An entry as stored, with the body it points to."""

    seq: int
    sealed_us: int
    commitment: bytes | memoryview
    hash: bytes | memoryview
    body_stream: int | None
    salt: bytes | memoryview | None
    body: bytes | memoryview | None


class Fault(NamedTuple):
    """What is wrong with one entry (or, with no number, with the stream), by code."""

    seq: int | None
    code: str
    message: str


@dataclass(frozen=True)
class Segment:
    """Entries `start` to `end` (not included) of one stream, and sizes to take the peaks at.

    With `hashes_only` bodies are hashed, not parsed: L303, L304, N906 are not looked for.
    """

    stream: int
    origin: str
    start: int
    end: int
    sizes: tuple[int, ...] = ()
    hashes_only: bool = False


@dataclass
class Checked:
    """What a segment holds: entries found, faults, and its subtrees at the sizes asked for."""

    found: int = 0
    faults: list[Fault] = field(default_factory=list)
    unlisted: int = 0
    blank: dict[int, bytes] = field(default_factory=dict)  # commitments of those without bytes
    early_or_late: list[int] = field(default_factory=list)  # told another time than sealed
    peaks: list[Peak] = field(default_factory=list)
    peaks_at: dict[int, list[Peak]] = field(default_factory=dict)

    def report(self, seq: int, code: str, message: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(seq, code, message))
        else:
            self.unlisted += 1


def check_segment(connection: Any, segment: Segment) -> Checked:
    """Recompute every commitment and hash of `segment`; `connection` is psycopg2's."""
    checker = _Checker(connection, segment)
    copied_rows.copy(connection, segment.stream, segment.start, segment.end, checker)
    return checker.finish()


def check_rows(segment: Segment, rows: Iterable[Row]) -> Checked:
    """Do the same for rows at hand, which are a stream's from its first entry on."""
    checker = _Checker(None, segment)
    for row in rows:
        checker.entry(row)
    return checker.finish()


class _Checker:
    """Goes through the rows of a segment in order; carries on after each fault."""

    def __init__(self, connection: Any, segment: Segment) -> None:
        self.segment = segment
        self.stream_id = hashing.origin_id(segment.origin)
        self.expected = segment.start
        self.tree = Tree()
        self.leaves: list[bytes] = []  # not yet in the tree: many at once cost less
        self.sizes = sorted(segment.sizes)
        self.checked = Checked()
        self.prev: bytes | None = None
        self.time = 0
        if segment.start == 0:
            self.prev = hashing.first_prev(self.stream_id)
            return
        with connection.cursor() as cursor:
            cursor.execute(_BEFORE, [segment.stream, segment.start])
            before = cursor.fetchone()
        if before:
            self.time = before[2]
            if before[0] == segment.start - 1:
                self.prev = bytes(before[1])

    def copied(self, messages: list[bytes]) -> None:
        """Check rows as PostgreSQL copies them: together if nothing is unusual about them."""
        usual = None
        if self.prev is not None:
            before = Before(self.expected, self.time, self.prev)
            usual = judge(messages, self.segment.stream, self.stream_id, before)
        if usual is None:
            for message in messages:
                self.entry(_row(message))
            return
        if not self.segment.hashes_only:
            for seq, (time, message) in enumerate(
                zip(usual.times, messages, strict=True), self.expected
            ):
                self._content(seq, time, message[BODY:])
        self._follow(self.expected, usual.times[-1], usual.hashes)

    def entry(self, row: Row) -> None:
        """Check one row against the one before it and against its own body."""
        if row.seq != self.expected:
            self._gap(row.seq)
        if row.sealed_us < self.time:
            self.checked.report(row.seq, "L204", "It was sealed before its predecessor.")
        stored = bytes(row.hash)
        if self.prev is not None:
            leaf = hashing.leaf(
                self.stream_id, row.seq, row.sealed_us, self.prev, bytes(row.commitment)
            )
            if hashing.leaf_hash(leaf) != stored:
                self.checked.report(row.seq, "L203", NOT_FOLLOWING)
        self._body(row)
        self._follow(row.seq, row.sealed_us, [stored])

    def _follow(self, seq: int, sealed_us: int, hashes: Sequence[bytes]) -> None:
        """Go on after entries from `seq` on, the last of which was sealed at `sealed_us`."""
        end, taken = seq + len(hashes), 0
        for size in self.sizes[bisect_right(self.sizes, seq) : bisect_right(self.sizes, end)]:
            self.leaves += hashes[taken : size - seq]
            taken = size - seq
            self.checked.peaks_at[size] = list(self._grown().peaks)
        self.leaves += hashes[taken:]
        self.prev, self.time, self.expected = hashes[-1], sealed_us, end

    def _grown(self) -> Tree:
        """Return the tree with every entry so far in it."""
        self.tree.extend(self.leaves)
        self.checked.found += len(self.leaves)
        self.leaves = []
        return self.tree

    def finish(self) -> Checked:
        """Report what is missing at the end; return everything."""
        if self.expected < self.segment.end:
            self._gap(self.segment.end)
        self.checked.peaks = self._grown().peaks
        return self.checked

    def _gap(self, seq: int) -> None:
        missing = seq - self.expected
        what = "It is" if missing == 1 else f"It and {missing - 1:,} more are"
        self.checked.report(self.expected, "L202", f"{what} missing from the stream.")
        self.prev = None  # what the next one should follow is gone

    def _body(self, row: Row) -> None:
        if row.body is None or row.salt is None:
            self.checked.blank[row.seq] = bytes(row.commitment)
            return
        content = bytes(row.body)
        if row.body_stream != self.segment.stream:
            self.checked.report(row.seq, "L302", "It or its bytes are in another stream.")
        if len(row.salt) != hashing.SALT_BYTES:  # else bytes could move between the two
            self.checked.report(row.seq, "L302", "Its salt is not 16 bytes long.")
        if hashing.commitment(bytes(row.salt), content) != bytes(row.commitment):
            self.checked.report(row.seq, "L301", "Its bytes are not those it was sealed with.")
        if not self.segment.hashes_only:
            self._content(row.seq, row.sealed_us, content)

    def _content(self, seq: int, sealed_us: int, content: bytes) -> None:
        """Check what the bytes say, which only the one who wrote them answers for."""
        try:
            event = parse(content)
        except CanonicalError as error:
            self.checked.report(seq, "L303", f"Its bytes are not canonical. {error}")
            return
        fault = envelope_fault(event)
        if fault:
            self.checked.report(seq, "L304", f"It is no event: {fault}.")
        elif not -BEHIND_US <= (time_us(event["at"]) or 0) - sealed_us <= AHEAD_US:
            self.checked.early_or_late.append(seq)


def _row(message: bytes) -> Row:
    """Take a copied row apart; a missing number reads as one that no entry has."""
    seq, sealed_us, commitment, stored, stream, salt, body = copied_rows.fields(message)
    return Row(
        -1 if seq is None else _PLACE.unpack(seq)[0],
        -1 if sealed_us is None else _PLACE.unpack(sealed_us)[0],
        commitment or b"",
        stored or b"",
        None if stream is None else _NUMBER.unpack(stream)[0],
        salt,
        body,
    )
