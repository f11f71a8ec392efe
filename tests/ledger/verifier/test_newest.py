"""The newest checkpoint decides whether anything is missing; each other one is judged too."""

from typing import Any

import pytest

from ledger.verifier.report import Report
from tests.ledger.verifier.test_checkpoints import reference, stored
from tests.ledger.verifier.world import ORG, P1, World, faults, vkey


def completeness(report: Report) -> str | None:
    return report.streams[1].completeness


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("checkpoint", b"x", "unknown"),
        ("checkpoint", World().org.note(5), "unknown"),
        ("checkpoint", World().p1.note(6), "failed"),
        ("checkpoints/6", b"x", "ok"),
        ("checkpoints/6", World().org.note(5), "ok"),
        ("checkpoints/6", World().p1.note(12), "ok"),
    ],
)
def test_the_newest_checkpoint_has_to_be_good(name: str, content: bytes, expected: str) -> None:
    world = World()
    stored(world, name, content)
    assert completeness(world.verify()) == expected


@pytest.mark.parametrize(("size", "expected"), [(6, "ok"), (12, "unknown")])
def test_the_newest_checkpoint_has_to_be_signed(size: int, expected: str) -> None:
    world = World()
    world.p1.epochs[size] = (1,)
    report = world.verify()
    assert (faults(report), completeness(report)) == ({P1: {("L402", None)}}, expected)


def test_each_checkpoint_is_judged_whatever_the_one_before_was() -> None:
    for first in (b"x", World().org.note(5)):
        world = World()
        world.follow = False
        world.p1.roots[12] = bytes(32)
        stored(world, "checkpoints/6", first)
        found = {code for code, _ in faults(world.verify())[P1]}
        assert found == {"L404", {b"x": "L401"}.get(first, "L403")}


def test_each_record_is_judged_even_where_no_key_is_known() -> None:
    world = World()
    world.follow = False
    world.org.entries[4].pay(root="0" * 64)
    world.also = lambda files: files.update({"keys.json": b"x"})
    assert ("L405", 6) in faults(world.verify(vkey(P1)))[P1]


def test_each_reference_is_judged_whatever_the_one_before_was() -> None:
    kept: list[Any] = [reference(6, World().p1.root(6), 1), reference(12, bytes(32), 0)]
    for references in (kept, kept[::-1]):
        found = faults(World().verify(references=references))
        assert found == {P1: {("L402", None), ("L405", 0)}}


def test_without_a_key_of_the_user_nothing_is_complete() -> None:
    report = World().verify(vkey("example.net/ledger/org"))
    assert [stream.completeness for stream in report.streams] == ["unknown", "unknown"]
    report = World().verify(vkey(ORG))
    assert [stream.completeness for stream in report.streams] == ["ok", "ok"]
