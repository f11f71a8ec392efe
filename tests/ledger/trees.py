"""Streams of any size for the tests of the tree: their entries have hashes and nothing else."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ledger.hashing import node_hash
from ledger.models import Stream


def plant(cursor: Any, count: int, *, origin: str = "localhost/ledger/p/tall") -> Stream:
    """Make a stream of `count` entries as a superuser could: the hash of #n is SHA-256(n)."""
    cursor.execute("SELECT ledger.open_stream(%s)", [origin])
    number = cursor.fetchone()[0]
    grow(cursor, number, 0, count)
    return Stream.objects.get(pk=number)


def grow(cursor: Any, number: int, start: int, end: int) -> None:
    cursor.execute(
        "INSERT INTO ledger.entry SELECT %s, n, n + 1000000000::bigint * %s, 0,"
        " decode(repeat('00', 32), 'hex'), sha256(int8send(n))"
        " FROM generate_series(%s::bigint, %s::bigint) n",
        [number, number, start, end - 1],
    )


class Reference:
    """The same tree in memory, by the definition of RFC 9162 §2.1.1."""

    def __init__(self, count: int) -> None:
        leaves = [sha256(n.to_bytes(8, "big")).digest() for n in range(count)]
        self.levels = [leaves]
        while len(below := self.levels[-1]) > 1:
            pairs = zip(below[0::2], below[1::2], strict=False)
            self.levels.append([node_hash(left, right) for left, right in pairs])

    def root(self, size: int) -> bytes:
        return self.hash(0, size)

    def hash(self, low: int, high: int) -> bytes:
        """Return the tree hash of leaves low … high - 1; low begins a subtree as large."""
        width = high - low
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self.levels[level][low >> level]
        middle = low + (1 << (width - 1).bit_length() - 1)
        return node_hash(self.hash(low, middle), self.hash(middle, high))

    def tile(self, level: int, index: int, size: int) -> bytes:
        """Return the C2SP tile: 256 hashes of level 8 × `level`, fewer at the end."""
        hashes = self.levels[8 * level][: size >> 8 * level]
        return b"".join(hashes[256 * index : 256 * index + 256])
