"""The tree over a stream's entries: the root of RFC 6962 §2.1, built one leaf at a time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ledger.hashing import NODE_PREFIX, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

_sha256 = hashlib.sha256
Peak = tuple[int, bytes]  # level, hash: a perfect subtree of 2**level leaves


class Tree:
    """The perfect subtrees that cover the leaves so far, largest first; O(log n) memory."""

    def __init__(self, peaks: Iterable[Peak] = ()) -> None:
        self.peaks: list[Peak] = list(peaks)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return sum(1 << level for level, _ in self.peaks)

    def add(self, subtree: bytes, level: int = 0) -> None:
        """Add a leaf's hash or, with `level`, the root of the next 2**level leaves.

        Raises ValueError if a subtree of that size cannot stand there.
        """
        if self.size % (1 << level):
            raise ValueError("This subtree does not begin at a multiple of its size.")
        while self.peaks and self.peaks[-1][0] == level:
            subtree = node_hash(self.peaks.pop()[1], subtree)
            level += 1
        self.peaks.append((level, subtree))

    def extend(self, leaves: list[bytes]) -> None:
        """Add the hashes of many leaves, whole subtrees at a time."""
        at = 0
        while at < len(leaves):
            level = _largest(self.size, len(leaves) - at)
            row = leaves[at : at + (1 << level)]
            while len(row) > 1:
                pairs = iter(row)
                row = [
                    _sha256(NODE_PREFIX + left + right).digest()
                    for left, right in zip(pairs, pairs, strict=True)
                ]
            self.add(row[0], level)
            at += 1 << level

    def root(self) -> bytes:
        """Return the 32-byte Merkle tree hash; that of nothing for an empty tree."""
        if not self.peaks:
            return hashlib.sha256().digest()
        whole = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            whole = node_hash(left, whole)
        return whole


def _largest(size: int, count: int) -> int:
    """Return the level of the largest subtree that may stand after `size` leaves."""
    fits = count.bit_length() - 1
    return min(fits, (size & -size).bit_length() - 1) if size else fits


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the Merkle tree hash of leaf hashes in their order."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()
