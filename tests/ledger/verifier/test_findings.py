"""Findings: bounded, counted, in the order of their entries."""

from ledger.verifier.findings import Finding, Findings


def test_fifty_findings_of_a_code_are_listed_and_the_others_counted() -> None:
    for count, listed, told in ((50, 50, []), (51, 50, ["1 more of L201 are not listed."])):
        findings = Findings()
        for seq in range(count):
            findings.add("L201", "It is another.", seq)
        found = findings.all()
        assert len(found) == listed + len(told)
        assert [f.message for f in found if f.code == "N909"] == told


def test_large_counts_are_readable() -> None:
    findings = Findings()
    for _ in range(2050):
        findings.add("L201", "It is another.")
    findings.add("L101", "It is another.")
    assert findings.all()[-1] == Finding(None, "N909", "2,000 more of L201 are not listed.")


def test_findings_come_by_entry_and_those_of_none_first() -> None:
    findings = Findings()
    for seq in (5, 1, None, 0):
        findings.add("L201", "It is another.", seq)
    assert [f.seq for f in findings.all()] == [None, 0, 1, 5]


def test_the_first_entry_at_fault_is_that_of_the_smallest_number() -> None:
    findings = Findings()
    assert findings.first_bad_seq is None
    findings.add("N906", "It is far.", 1)
    findings.add("L401", "It is another.")
    assert findings.first_bad_seq is None
    for seq, first in ((7, 7), (9, 7), (3, 3), (0, 0), (2, 0)):
        findings.add("L201", "It is another.", seq)
        assert findings.first_bad_seq == first


def test_findings_from_elsewhere_are_taken_as_they_are() -> None:
    findings = Findings()
    elsewhere = [Finding(4, "L602", "It is another."), Finding(None, "N907", "Without it.")]
    findings.extend(elsewhere)
    assert findings.all() == elsewhere[::-1]
    assert (findings.first_bad_seq, findings.codes()) == (4, {"L602", "N907"})
