"""Blank and withheld bodies: each is explained by an entry, or by the manifest."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.ledger.verifier.world import P1, World, faults

WITHHELD = "not part of this inspection"


def pay(**fields: Any) -> Callable[[World], None]:
    return lambda world: world.p1.entries[7].pay(**fields)


def carried(at: int, kind: int) -> Callable[[World], None]:
    return lambda world: setattr(world.p1.entries[at], "kind", kind)


def listed(*items: dict[str, Any]) -> Callable[[World], None]:
    return lambda world: world.manifest.update(withheld=list(items))


def item(**fields: Any) -> dict[str, Any]:
    told = {"origin": P1, "reason": WITHHELD, "seq": 3}
    commitment = "7c57fd801b75abee938470f568eb3b6ead803ea6638689fb2e8c4f67b7efe96e"
    return {"commitment": commitment, **told, **fields}


CASES: dict[str, tuple[Callable[[World], None], set[tuple[str, int]]]] = {
    "blank without event": (carried(8, 0), {("L305", 8)}),
    "one approver": (pay(approved_by=["accounts.user:dpo1"]), {("L307", 7), ("L305", 2)}),
    "the same twice": (pay(approved_by=["accounts.user:a"] * 2), {("L307", 7), ("L305", 2)}),
    "approvers no list": (pay(approved_by="accounts.user:a"), {("L307", 7), ("L305", 2)}),
    "approver no person": (pay(approved_by=["x", "y"]), {("L307", 7), ("L305", 2)}),
    "no basis": (pay(basis=" "), {("L307", 7), ("L305", 2)}),
    "basis no text": (pay(basis=None), {("L307", 7), ("L305", 2)}),
    "commitment": (pay(commitment="0" * 64), {("L307", 7), ("L305", 2)}),
    "commitment no digest": (pay(commitment=1), {("L307", 7), ("L305", 2)}),
    "itself": (pay(seq=7), {("L307", 7), ("L305", 2)}),
    "later": (pay(seq=8), {("L307", 7), ("L305", 2)}),
    "no number": (pay(seq=True), {("L307", 7), ("L305", 2)}),
    "body still there": (pay(seq=1), {("L307", 1), ("L305", 2)}),
    "withheld instead": (carried(2, 2), {("L307", 2), ("L306", 2)}),
    "erased instead": (carried(3, 0), {("L305", 3), ("L306", 3)}),
    "unlisted": (listed(), {("L306", 3)}),
    "listed and there": (listed(item(), item(seq=9)), {("L306", 9)}),
    "other commitment": (listed(item(commitment="0" * 64)), {("L306", 3)}),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("hashes_only", [False, True])
def test_hidden_bodies_are_explained(
    case: tuple[Callable[[World], None], set[tuple[str, int]]], hashes_only: bool
) -> None:
    edit, expected = case
    world = World()
    edit(world)
    found = faults(world.verify(hashes_only=hashes_only))
    assert found[P1] == expected


def test_an_entry_listed_as_withheld_from_a_stream_that_is_not_there_is_found() -> None:
    world = World()
    world.manifest["withheld"].append(item(origin="example.org/ledger/p/p2"))
    assert faults(world.verify()) == {"": {("L306", 3)}}
