"""Proofs: the true ones are taken, and nothing else is."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.merkle import tree_hash
from ledger.proofs import verify_consistency, verify_inclusion

VECTORS = Path(__file__).parents[1] / "data" / "ledger"
leaf_lists = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True)


def inclusion_proof(index: int, leaves: list[bytes]) -> list[bytes]:
    """Make a proof as RFC 9162 §2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), tree_hash(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), tree_hash(leaves[:split])]


def consistency_proof(size: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """Make a proof as RFC 9162 §2.1.4.1 defines it."""
    if size == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= split:
        inner = consistency_proof(size, leaves[:split], whole=whole)
        return [*inner, tree_hash(leaves[split:])]
    inner = consistency_proof(size - split, leaves[split:], whole=False)
    return [*inner, tree_hash(leaves[:split])]


@given(leaf_lists, st.data())
def test_every_leaf_proves_that_it_is_in_the_tree(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(index, leaves), tree_hash(leaves)

    assert verify_inclusion(index, len(leaves), leaves[index], proof, root)
    other = data.draw(st.integers(0, len(leaves) - 1))
    if other != index:
        assert not verify_inclusion(other, len(leaves), leaves[index], proof, root)
    assert not verify_inclusion(index, len(leaves), leaves[index], [*proof, root], root)
    assert not verify_inclusion(len(leaves), len(leaves), leaves[index], proof, root)


@given(leaf_lists, st.data())
def test_a_changed_inclusion_proof_proves_nothing(
    leaves: list[bytes], data: st.DataObject
) -> None:
    assume(len(leaves) > 1)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(index, leaves)
    place = data.draw(st.integers(0, len(proof) - 1))
    proof[place] = bytes([proof[place][0] ^ 1]) + proof[place][1:]

    assert not verify_inclusion(index, len(leaves), leaves[index], proof, tree_hash(leaves))


@given(leaf_lists, st.data())
def test_a_tree_proves_that_it_grew_from_its_beginning(
    leaves: list[bytes], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(size, leaves)
    old, new = tree_hash(leaves[:size]), tree_hash(leaves)

    assert verify_consistency(size, len(leaves), old, new, proof)
    assert not verify_consistency(0, len(leaves), old, new, proof)
    if size < len(leaves):
        assert not verify_consistency(size, len(leaves), new, old, proof)
        assert not verify_consistency(size, len(leaves), old, new, proof[:-1])


@pytest.mark.parametrize("case", json.loads((VECTORS / "inclusion.json").read_text()))
def test_published_inclusion_proofs(case: dict[str, Any]) -> None:
    proof = [bytes.fromhex(item) for item in case["proof"]]
    leaf, root = bytes.fromhex(case["leaf_hash"]), bytes.fromhex(case["root"])

    assert verify_inclusion(case["index"], case["size"], leaf, proof, root) is case["ok"]


@pytest.mark.parametrize("case", json.loads((VECTORS / "consistency.json").read_text()))
def test_published_consistency_proofs(case: dict[str, Any]) -> None:
    proof = [bytes.fromhex(item) for item in case["proof"]]
    roots = bytes.fromhex(case["root1"]), bytes.fromhex(case["root2"])

    assert verify_consistency(case["size1"], case["size2"], *roots, proof) is case["ok"]


@pytest.mark.parametrize(
    "case",
    json.loads((VECTORS / "inclusion-transparency.json").read_text()),
    ids=lambda case: case["case"],
)
def test_inclusion_proofs_of_transparency_dev(case: dict[str, Any]) -> None:
    proof = [base64.b64decode(item) for item in case["proof"] or []]
    leaf, root = base64.b64decode(case["leafHash"] or ""), base64.b64decode(case["root"] or "")
    good = verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)

    assert good is not case["wantErr"]
