"""The files of one stream: a C2SP tlog-tiles folder, with the bodies beside the entries.

https://c2sp.org/tlog-tiles: tiles of 256 hashes, `tile/<L>/<N>`, the last of a level as
`<N>.p/<W>`, N in groups of three digits; entry bundles of 256 entries, each led by its length.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Protocol

from ledger import hashing
from ledger.bundle.errors import NotSignedError
from ledger.bundle.manifest import withheld_line
from ledger.bundle.reading import rows
from ledger.merkle import Tree
from ledger.verifier.blocks import tile_name
from ledger.verifier.tree import BLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.bundle.archive import Spool
    from ledger.bundle.disclosure import Disclosure
    from ledger.bundle.heads import Head
    from ledger.bundle.reading import Row

SHOWN, ERASED, WITHHELD = b"\x01", b"\x00", b"\x02"
_LENGTH16 = struct.Struct(">H")
_LENGTH32 = struct.Struct(">I")


class Reader(Protocol):
    """Whoever looks at each entry as it goes into the bundle, page by page."""

    def begin(self, first: int, width: int) -> None: ...
    def entry(self, row: Row, reason: str | None) -> None: ...
    def end(self) -> None: ...


@dataclass
class Written:
    """What a stream's files hold, counted while they were written."""

    shown: int = 0
    erased: int = 0
    withheld: Counter[str] = field(default_factory=Counter)


class Tiles:
    """The tiles over the hashes so far; a full one is kept at once, O(log n) memory."""

    def __init__(self, keep: Callable[[str, bytes], object]) -> None:
        self._keep = keep
        self._growing: list[bytearray] = []
        self._kept: list[int] = []

    def add(self, entry_hash: bytes, level: int = 0) -> None:
        """Add the next hash of a level; level 0 has the entries' own."""
        if level == len(self._growing):
            self._growing.append(bytearray())
            self._kept.append(0)
        tile = self._growing[level]
        tile += entry_hash
        if len(tile) == BLOCK * hashing.HASH_BYTES:
            whole = bytes(tile)
            self._keep(f"tile/{level}/{tile_name(self._kept[level], BLOCK)}", whole)
            self._kept[level] += 1
            tile.clear()
            self.add(_root(whole), level + 1)

    def finish(self) -> None:
        """Keep the partial tile of each level that has one."""
        for level, tile in enumerate(self._growing):
            if tile:
                path = tile_name(self._kept[level], len(tile) // hashing.HASH_BYTES)
                self._keep(f"tile/{level}/{path}", bytes(tile))


def _root(tile: bytes) -> bytes:
    """Return the root over the 256 hashes of a full tile."""
    step, hashes = hashing.HASH_BYTES, tile
    while len(hashes) > step:
        hashes = b"".join(
            hashing.node_hash(hashes[at : at + step], hashes[at + step : at + 2 * step])
            for at in range(0, len(hashes), 2 * step)
        )
    return hashes


class StreamWriter:
    """Writes the files of one stream, reading every entry once.

    `spool` takes the files, `withheld` a line of the manifest for each hidden body; `human`
    looks on.
    """

    def __init__(
        self,
        head: Head,
        disclosure: Disclosure,
        *,
        spool: Spool,
        withheld: IO[bytes],
        human: Reader,
    ) -> None:
        self.head, self.disclosure, self.human = head, disclosure, human
        self.spool, self.withheld = spool, withheld
        self.counts = Written()
        self._folder = f"streams/{head.origin_id}"
        self._tree = Tree()
        self._tiles = Tiles(lambda path, tile: spool.add(f"{self._folder}/{path}", [tile]))
        self._id = bytes(head.stream.origin_id)
        self._prev = hashing.first_prev(self._id)

    def write(self, seen: Callable[[Row], None], progress: Callable[[int], None]) -> Written:
        """Write every file; call `seen` with what is shown, `progress` with what is done.

        Raises NotSignedError if the entries do not give the signed root.
        """
        entries = rows(self.head.stream.pk, self.head.size)
        for first in range(0, self.head.size, BLOCK):
            width = min(BLOCK, self.head.size - first)
            name = tile_name(first // BLOCK, width)
            leaves: list[bytes] = []
            self.human.begin(first, width)
            bodies = self._bodies(islice(entries, width), leaves, seen)
            self.spool.add(f"{self._folder}/bodies/{name}", bodies)
            self.human.end()
            self.spool.add(f"{self._folder}/tile/entries/{name}", leaves)
            for leaf in leaves:
                entry_hash = hashing.leaf_hash(leaf[_LENGTH16.size :])
                self._tree.add(entry_hash)
                self._tiles.add(entry_hash)
            progress(width)
        self._finish()
        return self.counts

    def _bodies(
        self, entries: Iterator[Row], leaves: list[bytes], seen: Callable[[Row], None]
    ) -> Iterator[bytes]:
        for row in entries:
            leaf = hashing.leaf(self._id, row.seq, row.sealed_us, self._prev, row.commitment)
            leaves.append(_LENGTH16.pack(len(leaf)) + leaf)
            self._prev = row.hash
            reason = self.disclosure.reason(row)
            self.human.entry(row, reason)
            if row.body is not None and reason is None:
                seen(row)
            yield self._record(row, reason)

    def _record(self, row: Row, reason: str | None) -> bytes:
        if row.body is None or row.salt is None:
            self.counts.erased += 1
            return ERASED
        if reason is not None:
            self.counts.withheld[reason] += 1
            line = withheld_line(self.head.origin, row.seq, row.commitment, reason)
            self.withheld.write(line + b"\n")  # which canonical JSON never holds
            return WITHHELD
        self.counts.shown += 1
        return SHOWN + row.salt + _LENGTH32.pack(len(row.body)) + row.body

    def _finish(self) -> None:
        if self._tree.size != self.head.size or self._tree.root() != self.head.root:
            raise NotSignedError(
                f"The entries of {self.head.origin} do not give the root that was signed for"
                f" {self.head.size:,} of them. Run verify_ledger and find out what happened."
            )
        self._tiles.finish()
        notes = {f"checkpoints/{size}": note for size, note in self.head.older.items()}
        for path, note in {"checkpoint": self.head.note, **notes}.items():
            self.spool.add(f"{self._folder}/{path}", [note.encode()])
