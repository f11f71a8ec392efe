"""The tree over a stream's entries: the root of RFC 6962 §2.1, built one leaf at a time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ledger.hashing import node_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

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

    def root(self) -> bytes:
        """Return the 32-byte Merkle tree hash; that of nothing for an empty tree."""
        if not self.peaks:
            return hashlib.sha256().digest()
        whole = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            whole = node_hash(left, whole)
        return whole


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the Merkle tree hash of leaf hashes in their order."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()
