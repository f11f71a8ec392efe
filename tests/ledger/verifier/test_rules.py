"""The first reading: which events go to which rule, and blobs and withheld bodies."""

from typing import Any

import pytest

from ledger.verifier.findings import Finding, Findings
from ledger.verifier.rules import FirstReading, blob_fault, withheld_findings
from tests.ledger.verifier.world import ORG, P1, World

ONE, TWO = "1" * 64, "2" * 64


def reading() -> tuple[FirstReading, Findings]:
    rules, findings = FirstReading(ORG, {ONE}), Findings()
    rules.watch(ORG, findings)
    rules.watch(P1, findings)
    return rules, findings


def event(name: str, **payload: Any) -> dict[str, Any]:
    return {"event": name, "payload": payload}


def test_the_organisation_alone_records_checkpoints_and_rotations() -> None:
    rules, findings = reading()
    told = {"key_id": "00ff00ff", "origin": P1, "root": ONE, "size": 5}
    for origin in (P1, ORG):
        rules.take(origin, 3, event("ledger.checkpoint_signed", **told))
        rules.take(origin, 4, event("key.rotated", epoch=1))
    assert [head.seq for head in rules.heads.of(P1)] == [3]
    assert rules.rotations == [(4, {"epoch": 1})]
    assert (findings.all(), rules.signed, rules.wanted) == ([], False, set())
    rules.take(ORG, 5, event("ledger.checkpoint_signed"))
    assert [(f.code, f.seq) for f in findings.all()] == [("L304", 5)]


def test_signatures_and_what_they_are_about_are_remembered() -> None:
    rules, _ = reading()
    for seq, entry in enumerate(World().p1.entries):
        if entry.kind == 1:
            rules.take(P1, seq, entry.event)
    assert (rules.signed, len(rules.wanted)) == (True, 3)


def test_each_stream_explains_its_own_blanks() -> None:
    rules, findings = reading()
    told = {"approved_by": ["accounts.user:a", "accounts.user:b"], "basis": "Art. 17"}
    rules.take(P1, 7, event("ledger.entry_erased", seq=2, commitment=ONE, **told))
    rules.judge_bodies(P1, {2: bytes.fromhex(ONE)}, {3: b"x"}, {3: b"x"})
    assert findings.all() == []
    rules.judge_bodies(ORG, {2: bytes.fromhex(ONE)}, {}, {4: b"x"})
    assert [(f.code, f.seq) for f in findings.all()] == [("L305", 2), ("L306", 4)]


def test_an_entry_s_blobs_are_listed() -> None:
    rules, findings = reading()
    rules.take(P1, 0, event("a.b", blobs=[ONE]))
    rules.take(P1, 1, event("a.b", blobs=[]))
    assert findings.all() == []
    rules.take(P1, 2, event("a.b", blobs=[ONE, TWO]))
    told = Finding(2, "L111", f"The blob {TWO} that it needs is not listed.")
    assert findings.all() == [told]


@pytest.mark.parametrize("needed", ["x", ONE, {ONE: 1}, [1], [ONE, "x"], None, 5])
def test_blobs_that_are_no_list_of_digests_are_found(needed: Any) -> None:
    assert blob_fault(needed, {ONE, "x"}) is not None


def test_withheld_bodies_are_those_that_are_listed() -> None:
    assert withheld_findings({1: b"a", 2: b"b"}, {1: b"a", 2: b"b"}) == []
    told = withheld_findings({1: b"a", 2: b"b", 3: b"c"}, {2: b"x", 3: b"c", 4: b"d"})
    assert [(f.code, f.seq) for f in told] == [("L306", 1), ("L306", 2), ("L306", 4)]
