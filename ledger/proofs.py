"""Check proofs about a tree without having its leaves: RFC 9162 §2.1.3.2 and §2.1.4.2."""

from ledger.hashing import HASH_BYTES, node_hash


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: list[bytes], root: bytes
) -> bool:
    """Tell whether `proof` shows that `leaf_hash` is leaf `index` of the tree of `size`.

    False, never an error, for whatever cannot be: an index outside the tree, a hash that is
    not 32 bytes, a proof of another length.
    """
    if not 0 <= index < size or not _are_hashes(leaf_hash, root, *proof):
        return False
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
    """Tell whether `proof` shows that the tree of `size1` is the beginning of that of `size2`.

    False, never an error, for whatever cannot be; `size1` = 0 proves nothing.  Trees of equal
    size are consistent when their roots are equal and the proof is empty.
    """
    if not 1 <= size1 <= size2 or not _are_hashes(root1, root2, *proof):
        return False
    if size1 == size2:
        return not proof and root1 == root2
    path = proof if size1 & (size1 - 1) else [root1, *proof]
    if not path:
        return False
    return _fold(size1 - 1, size2 - 1, path) == (root1, root2, True)


def _fold(node: int, last: int, path: list[bytes]) -> tuple[bytes, bytes, bool]:
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
