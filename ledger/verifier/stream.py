"""One stream of a bundle: entries, their chain and times, the tree, its tiles, the bodies."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Protocol

from ledger.verifier.blocks import (
    BODY_ERASED,
    BODY_PRESENT,
    LEAF_RECORD,
    RECORD_BYTES,
    Block,
    FramingError,
    blocks_of,
    commitments_of,
    is_block_place,
    read_bodies,
    read_leaves,
    tile_name,
)
from ledger.verifier.envelope import MICROSECONDS, envelope_fault, time_us
from ledger.verifier.findings import Findings
from ledger.verifier.hashes import (
    HASH_BYTES,
    LEAF_BYTES,
    VERSION_LINE,
    first_prev,
    origin_id,
)
from ledger.verifier.strict_json import JsonError, read_object
from ledger.verifier.tree import BLOCK, BLOCK_LEVEL, Tree, levels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.verifier.files import Files
    from ledger.verifier.manifest import ListedStream

_MAX_TIME = 1 << 63
_AHEAD_US = 5 * 60 * MICROSECONDS
_BEHIND_US = 24 * 3600 * MICROSECONDS
_SHORT = 4 << 20  # bytes of a block's bodies that are read at once
# In its canonical form, an event that a rule of the first reading needs has one of these.
_RULED = re.compile(
    rb'"event":"(?:ledger\.checkpoint_signed|ledger\.entry_erased|key\.rotated|signature\.applied)"'
)
_BLOBS = b'"blobs":'


class Rules(Protocol):
    """What wants to see events while a stream is read."""

    def take(self, origin: str, seq: int, event: dict[str, Any]) -> None: ...


class CheckedStream:
    """What a stream holds: `size` entries, the roots at the sizes asked for, hidden bodies."""

    def __init__(self, listed: ListedStream) -> None:
        self.listed = listed
        self.findings = Findings()
        self.size = 0
        self.tree = Tree()
        self.roots: dict[int, bytes] = {}
        self.blank: dict[int, bytes] = {}  # seq: commitment
        self.withheld: dict[int, bytes] = {}

    @property
    def hidden(self) -> bool:
        """Tell whether bodies cannot be read."""
        return bool(self.blank or self.withheld)


class StreamCheck:
    """Goes through a stream block by block and carries on after each finding."""

    def __init__(self, listed: ListedStream, files: Files, rules: Rules) -> None:
        self.checked = CheckedStream(listed)
        self.found = self.checked.findings
        self.files = files
        self.rules = rules
        self.hashes_only = False
        self.sizes: list[int] = []
        self.folder = f"streams/{listed.id}/"
        self.stream_id = origin_id(listed.origin)
        self.prev = first_prev(self.stream_id)
        self.seq = 0  # that the next leaf should have
        self.time = 0
        self.upper: list[
            list[bytes]
        ] = []  # of each level above 0: hashes not yet in a full tile

    def run(self, sizes: Iterable[int], *, hashes_only: bool) -> CheckedStream:
        """Check everything; take the roots at `sizes`."""
        self.sizes, self.hashes_only = sorted(sizes, reverse=True), hashes_only
        checked = self.checked
        for block in blocks_of(checked.listed.size):
            if not self._block(block):
                break
        if checked.size == checked.listed.size:
            self._upper_tiles()
        if checked.size < checked.listed.size:
            self.found.add("L205", "Entries are missing from here on.", checked.size)
            self._place_rest()
        checked.roots[checked.size] = checked.tree.root()
        return checked

    def _block(self, block: Block) -> bool:
        """Check one block; tell whether it is whole, so that the next can follow."""
        name = tile_name(block.number, block.width)
        read = read_leaves(self.files, f"{self.folder}tile/entries/{name}", block.width)
        if read is None:
            return False
        content, length = read
        width = len(content) // RECORD_BYTES
        if length % RECORD_BYTES or length > block.width * RECORD_BYTES:
            self.found.add(
                "L201", "The entries of a block have another length.", block.start + width
            )
        if not width:
            return False
        buffer = bytearray(content)
        buffer[1::RECORD_BYTES] = bytes(width)  # 0x00, which stands before a leaf, in its place
        framed, digest = bytes(buffer), hashlib.sha256
        hashes = [
            digest(framed[at : at + LEAF_BYTES + 1]).digest()
            for at in range(1, len(framed), RECORD_BYTES)
        ]
        columns = tuple(zip(*LEAF_RECORD.iter_unpack(content)))
        if not self._leaves_good(block.start, hashes, columns):
            self._judge_leaves(block.start, hashes, columns)
        self.prev, self.seq, self.time = hashes[-1], columns[3][-1] + 1, columns[4][-1]
        self._grow(block, hashes)
        self._bodies(block, columns[4], columns[6])
        return width == block.width

    def _leaves_good(self, start: int, hashes: list[bytes], columns: tuple[Any, ...]) -> bool:
        lengths, versions, ids, seqs, times, prevs, _ = columns
        count = len(hashes)
        return (
            lengths.count(LEAF_BYTES) == versions.count(VERSION_LINE) == count
            and ids.count(self.stream_id) == count
            and self.seq == start
            and seqs == tuple(range(start, start + count))
            and prevs == (self.prev, *hashes[:-1])
            and self.time <= times[0]
            and times[-1] < _MAX_TIME
            and list(times) == sorted(times)
        )

    def _judge_leaves(self, start: int, hashes: list[bytes], columns: tuple[Any, ...]) -> None:
        """Report what is wrong with each leaf; the chain continues from the leaf as found."""
        prev, expected, before = self.prev, self.seq, self.time
        rows = zip(zip(*columns), hashes)
        for at, ((length, version, stream, seq, time, linked, _), digest) in enumerate(
            rows, start
        ):
            if (length, version, stream) != (LEAF_BYTES, VERSION_LINE, self.stream_id):
                self.found.add("L201", "The entry is no leaf of this stream.", at)
            if seq != expected:
                self.found.add("L202", f"Entry {seq} stands where {expected} should be.", at)
            if linked != prev:
                self.found.add("L203", "The entry does not follow the one before it.", at)
            if time < before or time >= _MAX_TIME:
                self.found.add("L204", "The entry was sealed before its predecessor.", at)
            prev, expected, before = digest, seq + 1, time

    def _grow(self, block: Block, hashes: list[bytes]) -> None:
        """Add a block to the tree, take the roots asked for and compare its tile."""
        checked, levels = self.checked, levels_of(hashes)
        while self.sizes and self.sizes[-1] <= block.start + len(hashes):
            size = self.sizes.pop()
            checked.roots[size] = checked.tree.root_with(levels, size - block.start)
        if len(hashes) == BLOCK:
            checked.tree.add(levels[BLOCK_LEVEL][0], BLOCK_LEVEL)
            self._push(0, levels[BLOCK_LEVEL][0])
        else:
            for single in hashes:
                checked.tree.add(single)
        checked.size += len(hashes)
        self._tile(0, block.number, block.width, hashes)

    def _push(self, level: int, subtree: bytes) -> None:
        """Keep the root of a full tile of `level`; compare the tile above once it is full."""
        if len(self.upper) == level:
            self.upper.append([])
        kept = self.upper[level]
        kept.append(subtree)
        if len(kept) % BLOCK == 0:
            number = (self.checked.size + BLOCK >> 8 * (level + 2)) - 1
            self._tile(level + 1, number, BLOCK, kept)
            self.upper[level] = []
            self._push(level + 1, levels_of(kept)[BLOCK_LEVEL][0])

    def _upper_tiles(self) -> None:
        """Compare the partial tiles above level 0."""
        for level, kept in enumerate(self.upper, 1):
            if kept:
                number = self.checked.size >> 8 * (level + 1)
                self._tile(level, number, len(kept), kept)

    def _tile(self, level: int, number: int, width: int, hashes: list[bytes]) -> None:
        path = f"{self.folder}tile/{level}/{tile_name(number, width)}"
        found = self.files.read(path, BLOCK * HASH_BYTES)
        expected = b"".join(hashes)
        if found is not None and len(hashes) < width:  # missing entries are told elsewhere
            found = found[: len(expected)]
        if found == expected:
            return
        first = 0
        if found is not None:
            same = (i for i, h in enumerate(hashes) if found[32 * i : 32 * i + 32] != h)
            first = next(same, len(hashes) - 1)
        seq = number * BLOCK + first << 8 * level
        self.found.add("L206", f"Tile {level}/{number} is missing or another.", seq)

    def _place_rest(self) -> None:
        """Count the files after a missing block as files with a place."""
        for path in self.files.below(self.folder):
            if is_block_place(path[len(self.folder) :], self.checked.listed.size):
                self.files.place(path)

    def _bodies(
        self, block: Block, times: tuple[int, ...], committed: tuple[bytes, ...]
    ) -> None:
        member = self.files.place(f"{self.folder}bodies/{tile_name(block.number, block.width)}")
        if member is None:
            self.found.add("L302", "The bodies of a block are missing.", block.start)
            return
        chunks = self.files.chunks(member)
        if self.hashes_only and member.size <= _SHORT:
            content = b"".join(chunks)
            if not _needed(content) and commitments_of(content, block.width) == list(committed):
                return
            chunks = iter((content,))
        self._each_body(block, chunks, times, committed)

    def _each_body(
        self,
        block: Block,
        chunks: Iterator[bytes],
        times: tuple[int, ...],
        committed: tuple[bytes, ...],
    ) -> None:
        start, count, digest = block.start, len(committed), hashlib.sha256
        try:
            for at, kind, salt, body in read_bodies(chunks, block.width):
                if at >= count:
                    continue
                if kind != BODY_PRESENT:
                    self._hidden(kind, start + at, committed[at])
                    continue
                if digest(b"\2" + salt + body).digest() != committed[at]:
                    self.found.add(
                        "L301", "The body is not the one it was sealed with.", start + at
                    )
                if not self.hashes_only or _needed(body):
                    self._event(start + at, times[at], body)
        except FramingError as error:
            self.found.add("L302", str(error), start + min(error.index, count - 1))

    def _hidden(self, kind: int, seq: int, commitment: bytes) -> None:
        hidden = self.checked.blank if kind == BODY_ERASED else self.checked.withheld
        hidden[seq] = commitment

    def _event(self, seq: int, sealed_us: int, body: bytes) -> None:
        try:
            event = read_object(body)
        except JsonError as error:
            self.found.add("L303", f"The body is not canonical. {error}", seq)
            return
        fault = envelope_fault(event)
        if fault:
            self.found.add("L304", f"The body is no event: {fault}.", seq)
            return
        drift = (time_us(event["at"]) or 0) - sealed_us
        if drift > _AHEAD_US or drift < -_BEHIND_US:
            self.found.add("N906", "Its time is far from the time of its sealing.", seq)
        self.rules.take(self.checked.listed.origin, seq, event)


def _needed(body: bytes) -> bool:
    """Tell whether a rule of the first reading may need a body, or one of many.

    Canonical ones are meant: any other is at fault already.
    """
    return _BLOBS in body or _RULED.search(body) is not None
