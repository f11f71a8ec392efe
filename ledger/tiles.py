"""The tree over a stream, kept as tiles: roots and proofs without reading every entry.

C2SP tlog-tiles: a tile of level L holds up to 256 hashes of perfect subtrees of 256**L leaves.
Level 0 is read from the entries themselves; of the levels above, `extend` stores what is
complete, and whatever is not stored yet is computed from what lies below it.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from ledger.hashing import HASH_BYTES, NODE_PREFIX, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.models import Stream

Node = tuple[int, int]  # level, index: the perfect subtree of leaves [index << level, …)
Place = tuple[int, int]  # level of tiles, index of the tile
HEIGHT = 8
WIDTH = 1 << HEIGHT
FULL = WIDTH * HASH_BYTES
SEALING = "seal"
_pairs = Struct(f"{2 * HASH_BYTES}s").iter_unpack

# One row for each wanted tile; those of level 0 are put together from the entries.
_READ = """
SELECT w.level, w.idx, CASE w.level
    WHEN 0 THEN (SELECT string_agg(e.hash, '' ORDER BY e.seq) FROM ledger.entry e
        WHERE e.stream = %(stream)s AND e.seq >= w.idx * 256 AND e.seq < w.idx * 256 + w.width)
    ELSE (SELECT t.data FROM ledger.tile t
        WHERE t.stream = %(stream)s AND t.level = w.level AND t.idx = w.idx) END
FROM unnest(%(levels)s::smallint[], %(indexes)s::bigint[], %(widths)s::bigint[])
    AS w (level, idx, width)
"""
# Tiles are made again from the entries: nobody waits for the disk.
_NEWEST = """
SET LOCAL synchronous_commit = off;
SELECT DISTINCT ON (level) level, idx, data FROM ledger.tile WHERE stream = %s
ORDER BY level, idx DESC
"""
_WRITE = """
INSERT INTO ledger.tile AS t (stream, level, idx, data) VALUES (%s, %s, %s, %s)
ON CONFLICT (stream, level, idx) DO UPDATE SET data = excluded.data
WHERE octet_length(t.data) < octet_length(excluded.data)
"""


def root_at(stream: Stream, size: int) -> bytes:
    """Return the 32-byte root of the tree over the first `size` entries: RFC 9162 §2.1.1.

    Raises ValueError unless the stream has `size` entries, and at least one.
    """
    return _Tree(stream.pk).hashes(size, [(0, size)])[0]


def inclusion_proof(stream: Stream, seq: int, size: int) -> list[bytes]:
    """Return the audit path of entry `seq` in the tree of `size`: RFC 9162 §2.1.3.1.

    Its number of queries does not grow with the tree where `extend` has been.  Raises
    ValueError for an entry outside the tree, or a tree larger than the stream.
    """
    if not 0 <= seq < size:
        raise ValueError(f"Entry #{seq:,} is not one of the first {size:,}.")
    return _Tree(stream.pk).hashes(size, _path(seq, size))


def consistency_proof(stream: Stream, size1: int, size2: int) -> list[bytes]:
    """Return what shows that the tree of `size1` begins that of `size2`: RFC 9162 §2.1.4.1.

    Empty for equal sizes.  Raises ValueError unless 1 <= size1 <= size2 <= entries.
    """
    _require_growth(size1, size2)
    return _Tree(stream.pk).hashes(size2, _between(size1, size2))


def tile(stream: Stream, level: int, index: int, size: int) -> bytes:
    """Return a hash tile as of tree size `size`, 32 bytes a hash, full or partial (C2SP).

    Raises ValueError where the tree of that size has no such tile.
    """
    if level < 0 or index < 0 or size < 0:
        raise ValueError("A tile's level, index and tree size are not negative.")
    width = min(WIDTH, (size >> HEIGHT * level) - index * WIDTH)
    if width <= 0:
        raise ValueError(f"A tree of {size:,} has no tile {index:,} of level {level}.")
    tree = _Tree(stream.pk)
    tree.load({(level, index): width})
    return tree.tiles[level, index][: width * HASH_BYTES]


def extend(stream: Stream, size: int) -> bytes:
    """Store every tile above level 0 that is complete at `size`; return the root there.

    Writes as ledger_seal, in one transaction; running it again, or at once in two processes,
    changes nothing.  Raises ValueError unless the stream has `size` entries, and at least one.
    """
    return extended(stream, size)[0]


def extended(stream: Stream, size: int, since: int | None = None) -> tuple[bytes, list[bytes]]:
    """Do the work of `extend`; return the root and the consistency proof from `since`.

    One look for both.  The proof is empty without `since`.  Raises ValueError for sizes that
    `extend` or `consistency_proof` would not take.
    """
    if since is not None:
        _require_growth(since, size)
    with transaction.atomic(using=SEALING):
        tree = _Tree(stream.pk, SEALING)
        tree.extend(size)
        between = [] if since is None else _between(since, size)
        root, *proof = tree.hashes(size, [(0, size), *between])
    return root, proof


class _Tree:
    """The tiles of one stream read so far, and the hashes of subtrees made from them."""

    def __init__(self, stream: int, using: str = "default") -> None:
        self.stream = stream
        self.connection = connections[using]
        self.tiles: dict[Place, bytes] = {}

    def hashes(self, size: int, ranges: list[tuple[int, int]]) -> list[bytes]:
        """Return the tree hash of each range of leaves, which begins as a subtree would."""
        if size < 1:
            raise ValueError("A tree has at least one entry.")
        covers = [list(_cover(*bounds)) for bounds in ranges]
        # The last leaf is always asked for, so that a tree beyond the stream is noticed.
        widths: dict[Place, int] = {(0, (size - 1) // WIDTH): (size - 1) % WIDTH + 1}
        for place, _, end in (_where(node) for cover in covers for node in cover):
            widths[place] = max(end, widths.get(place, 0))
        self.load(widths)
        return [_fold([self._node(node) for node in cover]) for cover in covers]

    def _node(self, node: Node) -> bytes:
        place, start, end = _where(node)
        return _remembered(self.tiles[place][start * HASH_BYTES : end * HASH_BYTES])

    def load(self, widths: dict[Place, int]) -> None:
        """Have at least so many hashes of each of these tiles; ValueError if there are not."""
        found = self._read(widths)
        for place, width in widths.items():
            level, index = place
            data = found.get(place, b"")
            missing = range(index * WIDTH + len(data) // HASH_BYTES, index * WIDTH + width)
            if missing and level == 0:
                raise ValueError(f"The stream lacks entries before #{missing.stop:,}.")
            if missing:
                data += b"".join(self._roots(level - 1, missing))
            self.tiles[place] = data

    def _roots(self, level: int, indexes: range) -> Iterator[bytes]:
        """Yield the hash over each of these full tiles, 256 read at a time and not kept."""
        for start in range(indexes.start, indexes.stop, WIDTH):
            part = _Tree(self.stream, self.connection.alias)
            some = range(start, min(start + WIDTH, indexes.stop))
            part.load({(level, index): WIDTH for index in some})
            for index in some:
                yield _reduced(part.tiles[level, index][:FULL])

    def _read(self, widths: dict[Place, int]) -> dict[Place, bytes]:
        wanted: dict[str, Any] = {
            "stream": self.stream,
            "levels": [level for level, _ in widths],
            "indexes": [index for _, index in widths],
            "widths": list(widths.values()),
        }
        with self.connection.cursor() as cursor:
            cursor.execute(_READ, wanted)
            return {
                (level, index): bytes(data) for level, index, data in cursor.fetchall() if data
            }

    def extend(self, size: int) -> None:
        """Append to the newest tile of each level what is complete at `size`."""
        with self.connection.cursor() as cursor:
            cursor.execute(_NEWEST, [self.stream])
            newest = {level: (index, bytes(data)) for level, index, data in cursor.fetchall()}
        level = 1
        while complete := size >> HEIGHT * level:
            index, data = newest.get(level, (0, b""))
            stored = index * WIDTH + len(data) // HASH_BYTES
            self._append(level, data, range(stored, complete))
            level += 1

    def _append(self, level: int, data: bytes, missing: range) -> None:
        """Write the missing hashes of a level behind `data`, its newest tile."""
        if len(data) == FULL:
            data = b""
        place = missing.start
        while place < missing.stop:
            index = place // WIDTH
            end = min((index + 1) * WIDTH, missing.stop)
            data += b"".join(self._roots(level - 1, range(place, end)))
            with self.connection.cursor() as cursor:
                cursor.execute(_WRITE, [self.stream, level, index, data])
            place, data = end, b""


def _require_growth(size1: int, size2: int) -> None:
    if not 1 <= size1 <= size2:
        raise ValueError(f"A tree of {size1:,} is not the beginning of one of {size2:,}.")


def _path(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose hashes are the audit path, the lowest first."""
    low, high, ranges = 0, size, []
    while high - low > 1:
        middle = low + _left(high - low)
        if index < middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    return ranges[::-1]


def _between(size1: int, size2: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose hashes are the consistency proof, the lowest first."""
    low, high, ranges = 0, size2, []
    while high != size1:
        middle = low + _left(high - low)
        if size1 <= middle:
            ranges.append((middle, high))
            high = middle
        else:
            ranges.append((low, middle))
            low = middle
    if low:  # else it is the first tree's own root, which the reader has
        ranges.append((low, high))
    return ranges[::-1]


def _left(size: int) -> int:
    """Return the largest power of two below `size`, where its tree divides."""
    return 1 << (size - 1).bit_length() - 1


def _cover(low: int, high: int) -> Iterator[Node]:
    """Yield the perfect subtrees, largest first, that cover these leaves."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def _where(node: Node) -> tuple[Place, int, int]:
    """Return the tile that has what is below `node`, and which of its hashes that is."""
    level, index = node
    start = index << level % HEIGHT
    place = level // HEIGHT, start // WIDTH
    return place, start % WIDTH, start % WIDTH + (1 << level % HEIGHT)


def _reduced(data: bytes) -> bytes:
    """Return the hash over a power of two of hashes, as they lie in a tile."""
    while len(data) > HASH_BYTES:
        data = b"".join([sha256(NODE_PREFIX + pair).digest() for (pair,) in _pairs(data)])
    return data


# Nearly every proof needs the same parts of the upper tiles and of the newest: at most 4 MiB.
_remembered = lru_cache(maxsize=1024)(_reduced)


def _fold(perfect: Iterable[bytes]) -> bytes:
    """Return the hash over perfect subtrees, largest first."""
    *lefts, whole = perfect
    for left in reversed(lefts):
        whole = node_hash(left, whole)
    return whole
