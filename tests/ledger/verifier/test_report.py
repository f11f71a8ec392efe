"""What is printed: for readers, for machines, and the exit code."""

import base64

import pytest

from ledger.verifier.findings import Findings
from ledger.verifier.report import Report, StreamReport, as_json, as_text
from tests.ledger.verifier.world import ORG, P1

TEXT = """\
Bundle: failed
  L104: verify.py is another\ufffd[2J file.

Stream example.org/ledger/p/p1: 1,234 entries
  integrity (nothing was altered): failed
  completeness (nothing is missing): unknown
  first entry at fault: 8
  N902: You brought no key.
  L301 at entry 8: The body is another.

Stream example.org/ledger/org: 5 entries
  integrity (nothing was altered): ok

Something FAILED: see above.
1.3 seconds
"""


def found(*codes: str) -> Findings:
    findings = Findings()
    for code in codes:
        findings.add(code, "It is another.")
    return findings


def stream(*codes: str, complete: bool = True, single: bool = False) -> StreamReport:
    return StreamReport(P1, 5, bytes(32), found(*codes), complete, single)


def failed() -> Report:
    bundle, body = Findings(), Findings()
    bundle.add("L104", "verify.py is another\x1b[2J file.")
    body.add("L301", "The body is another.", 8)
    body.add("N902", "You brought no key.")
    long = StreamReport(P1, 1234, b"\1" * 32, body, complete=False)
    short = StreamReport(ORG, 5, None, Findings(), complete=True, single=True)
    return Report(bundle, [long, short])


def test_the_text_for_readers() -> None:
    assert as_text(failed(), 1.26) == TEXT
    good = as_text(Report(found(), [stream()]), 0.04)
    assert good.startswith("Bundle: ok\n\nStream ")
    assert good.endswith("\n\nEverything checked is good.\n0.0 seconds\n")
    single = as_text(Report(None, [stream(complete=False, single=True)]), 0)
    assert single.startswith("\nStream ")
    assert "Nothing failed, but not everything could be judged" in single


def test_the_answer_for_machines() -> None:
    said = as_json(failed(), 1.23456)
    bad = {"seq": 8, "code": "L301", "message": "The body is another."}
    note = {"seq": None, "code": "N902", "message": "You brought no key."}
    file = {"seq": None, "code": "L104", "message": "verify.py is another\x1b[2J file."}
    assert said == {
        "bundle": {"integrity": "failed", "findings": [file]},
        "streams": [
            {
                "origin": P1, "size": 1234, "root": base64.b64encode(b"\1" * 32).decode(),
                "integrity": "failed", "completeness": "unknown", "first_bad_seq": 8,
                "findings": [note, bad],
            },
            {
                "origin": ORG, "size": 5, "root": None, "integrity": "ok",
                "completeness": None, "first_bad_seq": None, "findings": [],
            },
        ],
        "seconds": 1.235,
    }  # fmt: skip
    single = as_json(Report(None, [stream(single=True)]), 0)
    assert (single["bundle"], single["seconds"]) == (None, 0)
    assert as_json(Report(found("N903"), []), 0)["bundle"]["integrity"] == "ok"


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(found(), [stream(), stream()]), 0),
        (Report(None, [stream(single=True)]), 0),
        (Report(found("N903"), [stream("N904")]), 0),
        (Report(found(), [stream(), stream(complete=False)]), 3),
        (Report(None, [stream(complete=False, single=True)]), 3),
        (Report(found("L104"), [stream()]), 1),
        (Report(found("L407"), [stream()]), 1),
        (Report(found(), [stream("L301"), stream()]), 1),
        (Report(found(), [stream("L205", complete=False), stream()]), 1),
        (Report(None, [stream("L409", single=True)]), 1),
    ],
    ids=["good", "single", "notes", "unknown", "single unknown", "file", "bundle lacks",
         "altered", "missing", "unwitnessed"],
)  # fmt: skip
def test_the_exit_code(report: Report, code: int) -> None:
    assert report.exit_code() == code
