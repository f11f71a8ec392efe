"""The tree: roots at every size, and proofs that show what is true and nothing else."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.verifier.hashes import leaf_hash, node_hash
from ledger.verifier.tree import Tree, levels_of, verify_consistency, verify_inclusion
from tests.ledger.test_proofs import consistency_proof, inclusion_proof
from tests.ledger.verifier.world import DATA

LEAVES = [leaf_hash(bytes([n % 256, n // 256])) for n in range(700)]
sizes = st.integers(1, 60)


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(mth(leaves[:split]), mth(leaves[split:]))


@pytest.mark.parametrize("name", ["inclusion", "consistency"])
def test_vectors(name: str) -> None:
    x = bytes.fromhex
    for row in json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")):
        proof = [x(digest) for digest in row["proof"]]
        if name == "inclusion":
            told = verify_inclusion(
                row["index"], row["size"], x(row["leaf_hash"]), proof, x(row["root"])
            )
        else:
            told = verify_consistency(
                row["size1"], row["size2"], x(row["root1"]), x(row["root2"]), proof
            )
        assert told is row["ok"], row


@given(sizes, st.data())
def test_proofs_show_what_is_true(size: int, data: st.DataObject) -> None:
    leaves = LEAVES[:size]
    index, root = data.draw(st.integers(0, size - 1)), mth(leaves)
    proof = inclusion_proof(index, leaves)
    assert verify_inclusion(index, size, leaves[index], proof, root)
    for other in range(size):
        assert verify_inclusion(other, size, leaves[index], proof, root) is (other == index)
    assert not verify_inclusion(index, size, LEAVES[-1], proof, root)
    assert not verify_inclusion(index, size, leaves[index], [*proof, root], root)
    assert not verify_inclusion(index, size, leaves[index], proof, bytes(32))
    assert not verify_inclusion(index, size, leaves[index], proof, root[:-1])
    assert not verify_inclusion(index, index, leaves[index], proof, root)
    assert not verify_inclusion(-1, size, leaves[index], proof, root)
    for at in range(len(proof)):
        assert not verify_inclusion(
            index, size, leaves[index], proof[:at] + proof[at + 1 :], root
        )
        changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert not verify_inclusion(index, size, leaves[index], changed, root)
        short = [*proof[:at], proof[at][:-1], *proof[at + 1 :]]
        assert not verify_inclusion(index, size, leaves[index], short, root)


@given(sizes, sizes)
def test_growth_is_shown_and_nothing_else(first: int, second: int) -> None:
    assume(first <= second)
    one, two = mth(LEAVES[:first]), mth(LEAVES[:second])
    proof = consistency_proof(first, LEAVES[:second])
    assert verify_consistency(first, second, one, two, proof)
    assert not verify_consistency(0, second, one, two, proof)
    assert not verify_consistency(first, second, one, bytes(32), proof)
    assert not verify_consistency(first, second, bytes(32), two, proof)
    assert not verify_consistency(first, second, one, two, [*proof, bytes(32)])
    assert not verify_consistency(second + 1, second, one, two, proof)
    if first < second:
        assert not verify_consistency(first, second, one, two, [])
        assert not verify_consistency(first, first, one, two, [])
    for at in range(len(proof)):
        assert not verify_consistency(first, second, one, two, proof[:at] + proof[at + 1 :])
        changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert not verify_consistency(first, second, one, two, changed)
        short = [*proof[:at], proof[at][1:], *proof[at + 1 :]]
        assert not verify_consistency(first, second, one, two, short)


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_what_is_no_hash_is_consistent_with_nothing(short: bytes) -> None:
    assert not verify_consistency(5, 5, short, short, [])
    for first, second in ((2, 3), (1, 2)):
        proof = consistency_proof(first, LEAVES[:second])
        assert not verify_consistency(first, second, short, mth(LEAVES[:second]), proof)
        forged = node_hash(short, proof[0])
        assert not verify_consistency(first, second, short, forged, proof)
    assert not verify_inclusion(0, 1, short, [], short)
    leaf = LEAVES[0]
    for pair, proved in (((leaf, short), short), ((short, leaf), leaf)):
        assert not verify_inclusion(0, 2, pair[0], [proved], node_hash(*pair))
    assert not verify_consistency(1, 2, leaf, node_hash(leaf, short), [short])


def test_every_growth_of_a_small_tree_is_shown() -> None:
    for second in range(1, 40):
        for first in range(1, second + 1):
            proof = consistency_proof(first, LEAVES[:second])
            one, two = mth(LEAVES[:first]), mth(LEAVES[:second])
            assert verify_consistency(first, second, one, two, proof), (first, second)


def test_a_tree_is_made_of_perfect_subtrees_the_largest_first() -> None:
    tree = Tree()
    for size in range(1, 40):
        tree.add(LEAVES[size - 1])
        levels = [level for level in range(8, -1, -1) if size >> level & 1]
        assert [level for level, _ in tree.peaks] == levels


def test_a_block_has_a_level_for_each_doubling() -> None:
    assert levels_of(LEAVES[:1]) == [LEAVES[:1]]
    assert [len(level) for level in levels_of(LEAVES[:7])] == [7, 3, 1]
    assert [len(level) for level in levels_of(LEAVES[:256])] == [256 >> n for n in range(9)]


def test_a_tree_has_the_root_of_its_leaves_at_every_size() -> None:
    tree = Tree()
    assert tree.root() == bytes.fromhex(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    for start in range(0, 700, 256):
        block = LEAVES[start : start + 256]
        levels = levels_of(block)
        for count in range(1, len(block) + 1, 37):
            assert tree.root_with(levels, count) == mth(LEAVES[: start + count])
        if len(block) == 256:
            tree.add(levels[8][0], 8)
            assert tree.root() == mth(LEAVES[: start + 256])
    for leaf in LEAVES[512:]:
        tree.add(leaf)
    assert (tree.size, tree.root()) == (700, mth(LEAVES))
