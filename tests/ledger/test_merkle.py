"""The tree: its root is that of RFC 6962, however it is built."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.hashing import node_hash
from ledger.merkle import Tree, tree_hash

VECTORS = Path(__file__).parents[1] / "data" / "ledger"
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=70)


def by_definition(leaves: list[bytes]) -> bytes:
    """Compute MTH as RFC 6962 §2.1 writes it, recursively."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@given(hashes)
def test_the_root_is_the_one_defined(leaves: list[bytes]) -> None:
    assert tree_hash(leaves) == by_definition(leaves)


@given(hashes, st.integers(0, 3))
def test_a_tree_built_from_whole_segments_has_the_same_root(
    leaves: list[bytes], level: int
) -> None:
    tree, step = Tree(), 1 << level
    for start in range(0, len(leaves), step):
        part = Tree()
        for leaf in leaves[start : start + step]:
            part.add(leaf)
        for height, subtree in part.peaks:
            tree.add(subtree, height)

    assert tree.root() == tree_hash(leaves)
    assert tree.size == len(leaves)


def test_a_subtree_in_the_wrong_place_is_refused() -> None:
    tree = Tree()
    tree.add(b"\0" * 32)

    with pytest.raises(ValueError, match="multiple"):
        tree.add(b"\1" * 32, level=1)


@pytest.mark.parametrize("name", ["stream-5.json", "stream-300.json"])
def test_published_checkpoints_have_this_root(name: str) -> None:
    import base64

    stream = json.loads((VECTORS / name).read_text())
    leaves = [bytes.fromhex(entry["hash"]) for entry in stream["entries"]]

    for size, note in stream["checkpoints"].items():
        assert base64.b64encode(tree_hash(leaves[: int(size)])).decode() == note.split("\n")[2]


@given(hashes, hashes)
def test_many_leaves_at_once_give_the_tree_of_one_at_a_time(
    first: list[bytes], more: list[bytes]
) -> None:
    tree = Tree()
    tree.extend(first)
    tree.extend(more)

    assert tree.root() == by_definition([*first, *more])
    assert tree.size == len(first) + len(more)
