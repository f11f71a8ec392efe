"""The tree over a stream: its roots, and proofs about it (RFC 9162 §2.1)."""

from __future__ import annotations

import hashlib

from ledger.verifier.hashes import HASH_BYTES, node_hash

BLOCK = 256  # leaves of one tile: C2SP tlog-tiles
BLOCK_LEVEL = 8


def levels_of(hashes: list[bytes]) -> list[list[bytes]]:
    """Return the perfect subtrees over at most 256 leaves: [level][index], level 0 first."""
    digest = hashlib.sha256
    levels = [hashes]
    while len(hashes) > 1:
        joined = b"".join(hashes)
        whole = len(joined) & ~63
        hashes = [digest(b"\1" + joined[i : i + 64]).digest() for i in range(0, whole, 64)]
        levels.append(hashes)
    return levels


class Tree:
    """The perfect subtrees that cover the leaves so far, largest first; O(log n) memory."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def add(self, subtree: bytes, level: int = 0) -> None:
        """Add the root of the next 2**level leaves; the size is a multiple of that."""
        self.size += 1 << level
        while self.peaks and self.peaks[-1][0] == level:
            subtree = node_hash(self.peaks.pop()[1], subtree)
            level += 1
        self.peaks.append((level, subtree))

    def root(self) -> bytes:
        """Return the root over all leaves."""
        return _fold_peaks([subtree for _, subtree in self.peaks])

    def root_with(self, levels: list[list[bytes]], count: int) -> bytes:
        """Return the root with the first `count` leaves of the next block added."""
        found = [subtree for _, subtree in self.peaks]
        start = 0
        for level in range(BLOCK_LEVEL, -1, -1):
            if count & (1 << level):
                found.append(levels[level][start >> level])
                start += 1 << level
        return _fold_peaks(found)


def _fold_peaks(peaks: list[bytes]) -> bytes:
    if not peaks:
        return hashlib.sha256().digest()
    whole = peaks[-1]
    for left in reversed(peaks[:-1]):
        whole = node_hash(left, whole)
    return whole


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: list[bytes], root: bytes
) -> bool:
    """Tell whether `proof` shows `leaf_hash` at `index` of the tree (RFC 9162 §2.1.3.2).

    False, never an error, for whatever cannot be: an index outside the tree, a hash that is
    not 32 bytes, a proof of another length.
    """
    if not 0 <= index < size or not _are_hashes(leaf_hash, *proof):
        return False  # the root is compared with a hash
    node, last, current = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == root


def verify_consistency(
    size1: int, size2: int, root1: bytes, root2: bytes, proof: list[bytes]
) -> bool:
    """Tell whether the tree of `size1` begins that of `size2` (RFC 9162 §2.1.4.2).

    `size1` = 0 proves nothing.  Equal sizes: both roots are equal and the proof is empty.
    """
    if not 1 <= size1 <= size2 or not _are_hashes(root1, *proof):
        return False  # the other root is compared with a hash
    if size1 == size2:
        return not proof and root1 == root2
    path = proof if size1 & (size1 - 1) else [root1, *proof]
    if not path:
        return False
    return _fold_consistency(size1 - 1, size2 - 1, path) == (root1, root2, True)


def _fold_consistency(node: int, last: int, path: list[bytes]) -> tuple[bytes, bytes, bool]:
    """Return both roots as the path gives them, and whether it reached the top exactly."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return old, new, False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return old, new, last == 0


def _are_hashes(*values: bytes) -> bool:
    return all(isinstance(value, bytes) and len(value) == HASH_BYTES for value in values)
