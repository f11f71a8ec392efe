"""Building a report: pure, the same every time, valid, and honest about what is not there."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ledger
from ledger.evidence import catalogue
from ledger.evidence.clauses import statement_hash
from ledger.evidence.report import as_bytes, build_report
from tests.ledger.evidence.streams import ORG, Story, Told

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "ledger" / "evidence" / "report.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
PROJECT = "example.org/ledger/p/3f2b8c1e-0000-4000-8000-000000000001"
unhurried = settings(deadline=None, max_examples=30)  # a report takes what it takes
# Keys that carry a catalogue's own words.
QUOTED = {"text", "title", "statement", "proves", "method", "proposed", "note"}


def build(story: Story, head: Told, *others: Story) -> dict[str, Any]:
    entries = [*story.entries, *(entry for other in others for entry in other.entries)]
    report = build_report(catalogue.load(head.payload["catalogue"]), entries, head)
    VALIDATOR.validate(json.loads(as_bytes(report)))
    return report


def clause(report: dict[str, Any], name: str) -> dict[str, Any]:
    [regulation] = report["regulations"]
    return next(c for c in regulation["clauses"] if c["id"] == name)


def item(report: dict[str, Any], name: str, evidence: str) -> dict[str, Any]:
    found = clause(report, name)["evidence"]
    return next(i for i in found if evidence in (i.get("event"), i.get("control")))


def probe(control: str, result: str = "pass", **facts: Any) -> dict[str, Any]:
    told = {"target": "t", "attempted": "a", "expected": "refused", "observed": "refused"}
    return {**told, "control": control, "result": result, "examined": 3, "details": {}} | {
        "milliseconds": 4,
        **facts,
    }


@pytest.mark.parametrize("key", catalogue.names())
def test_an_empty_system_fails_its_report(key: str) -> None:
    story = Story()

    report = build(story, story.ask(key))

    [regulation] = report["regulations"]
    assert regulation["counts"]["missing"] == len(regulation["clauses"])
    assert all(c["why"] and c["remedy"] for c in regulation["clauses"])


def test_building_needs_neither_django_nor_a_database() -> None:
    program = (
        "import sys\n"
        "from tests.ledger.evidence.streams import Story\n"
        "from ledger.evidence import catalogue, report\n"
        "import ledger.controls, accounts.controls, annotations.controls\n"
        "story = Story()\n"
        "head = story.ask()\n"
        "report.build_report(catalogue.load('21cfr11'), story.entries, head)\n"
        "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)

    assert done.returncode == 0


@unhurried
@given(
    later=st.lists(st.sampled_from(["user.created", "signature.applied", "x.y"]), max_size=4)
)
def test_what_comes_after_the_head_changes_nothing(later: list[str]) -> None:
    story = Story()
    story.tell("auth.login_failed", {"failure_class": "credentials"})
    head = story.ask()
    before = as_bytes(build(story, head))

    for event in later:
        story.tell(event)

    assert as_bytes(build(story, head)) == before


@unhurried
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_entries_are_handed_over_changes_nothing(random: Any) -> None:
    story, project = Story(), Story(PROJECT)
    for number in range(6):
        story.tell("auth.login_failed", {"failure_class": "credentials"})
        project.tell("image.viewed", {"study_uid": str(number)})
    head = story.ask(others=(project,))
    entries = [*story.entries, *project.entries]
    before = as_bytes(build_report(catalogue.load("21cfr11"), entries, head))

    random.shuffle(entries)

    assert as_bytes(build_report(catalogue.load("21cfr11"), entries, head)) == before


def test_a_stream_that_the_head_does_not_name_is_not_read() -> None:
    story, other = Story(), Story(PROJECT)
    other.tell("auth.login_failed", {"failure_class": "credentials"})
    head = story.ask()

    report = build(story, head, other)

    assert item(report, "11.10(d)", "auth.login_failed")["result"] == "no_data"
    assert report["ledger"]["streams"] == ["org"]


def test_entries_are_counted_in_the_period_and_named() -> None:
    story = Story()
    for _ in range(5):
        story.tell("auth.login_failed", {"failure_class": "credentials"})

    found = item(build(story, story.ask()), "11.10(d)", "auth.login_failed")

    assert found["result"] == "pass"
    assert found["count"] == 5
    assert found["entries"] == ["org:0", "org:2", "org:4"]


def test_a_probe_that_saw_something_else_fails_its_clause() -> None:
    story = Story()
    story.tell("control.probed", probe("append_only_enforced", "fail", observed="done"))

    found = clause(build(story, story.ask()), "11.10(c)")

    assert found["status"] == "failed"
    assert "done" in found["why"]


def test_the_newest_result_of_a_probe_counts() -> None:
    story = Story()
    story.tell("control.probed", probe("append_only_enforced", "fail", observed="done"))
    story.tell("control.probed", probe("append_only_enforced"))

    report = build(story, story.ask())

    assert item(report, "11.10(c)", "append_only_enforced")["result"] == "pass"


def test_a_probe_that_examined_nothing_is_no_data() -> None:
    story = Story()
    story.tell("control.probed", probe("append_only_enforced", examined=0))

    report = build(story, story.ask())

    assert item(report, "11.10(c)", "append_only_enforced")["result"] == "no_data"


def test_a_rare_event_that_was_watched_for_is_no_gap() -> None:
    story = Story()
    story.tell("control.probed", probe("append_only_enforced"))

    found = item(build(story, story.ask()), "11.10(e)", "ledger.write_refused")

    assert found["result"] == "pass"
    assert found["watched_by"] == "append_only_enforced"


def test_a_rare_event_whose_watch_failed_is_a_gap() -> None:
    story = Story()
    story.tell("control.probed", probe("append_only_enforced", "fail"))

    found = item(build(story, story.ask()), "11.10(e)", "ledger.write_refused")

    assert found["result"] == "no_data"


def attest(story: Story, name: str, statement: str, **facts: Any) -> None:
    payload = {
        "catalogue": "21cfr11",
        "clause_id": name,
        "statement": statement,
        "statement_hash": statement_hash(statement),
        "answer": "attested",
        "attestor": "Rosa Klein",
        "attestor_role": "regulatory",
        "expires": "2027-11-01",
    }
    story.tell("attestation.recorded", payload | facts, reason="closed system")


def first_statement(name: str) -> str:
    clauses = catalogue.load("21cfr11").clauses
    return next(c for c in clauses if c.id == name).procedural[0]


def test_what_a_person_attested_holds_until_it_expires() -> None:
    story = Story()
    attest(story, "11.10(f)", first_statement("11.10(f)"))
    attest(story, "11.10(b)", first_statement("11.10(b)"), expires="2026-11-01")

    report = build(story, story.ask())

    assert clause(report, "11.10(f)")["attestations"][0]["state"] == "current"
    assert clause(report, "11.10(b)")["attestations"][0]["state"] == "expired"


def test_a_clause_can_be_declared_void_by_name_and_with_a_reason() -> None:
    story = Story()
    text = next(c.text for c in catalogue.load("21cfr11").clauses if c.id == "11.30")
    attest(story, "11.30", text, answer="not_applicable")

    found = clause(build(story, story.ask()), "11.30")

    assert found["status"] == "not_applicable"
    assert found["not_applicable"]["reason"] == "closed system"
    assert found["not_applicable"]["by"]["name"] == "Rosa Klein"


def test_a_lapsed_declaration_makes_the_clause_count_again() -> None:
    story = Story()
    text = next(c.text for c in catalogue.load("21cfr11").clauses if c.id == "11.30")
    attest(story, "11.30", text, answer="not_applicable", expires="2026-11-01")

    assert clause(build(story, story.ask()), "11.30")["status"] == "missing"


def test_the_second_report_says_what_changed_since_the_first() -> None:
    story = Story()
    asked = story.ask()
    first = build(story, asked)
    statuses = {c["id"]: c["status"] for c in first["regulations"][0]["clauses"]}
    made = {"report_id": asked.payload["report_id"], "catalogue": "21cfr11", "project": None}
    made |= {"head": 0, "report_sha256": "ef" * 32, "pdf_sha256": "01" * 32, "pages": 31}
    story.tell("report.generated", made | {"statuses": statuses})
    story.tell("auth.login_failed", {"failure_class": "credentials"})

    second = build(story, story.ask())

    changed = {row["clause"]: row for row in second["differences"]["changed"]}
    assert changed["11.10(d)"]["before"] == "missing"
    assert changed["11.10(d)"]["now"] == "partly"
    assert second["report"]["previous"]["sha256"] == "ef" * 32
    assert [first["report"]["id"], second["report"]["id"]] == ["ER-2026-0001", "ER-2026-0002"]


@pytest.mark.parametrize(
    "payload", [{"nothing": "here"}, {"manifest": "no json"}, {"manifest": "{}"}]
)
def test_a_signature_that_cannot_be_read_is_never_one_that_holds(
    payload: dict[str, str],
) -> None:
    story = Story()
    story.tell("signature.applied", payload)

    report = build(story, story.ask())

    assert report["signatures"]["not_verified"] == report["signatures"]["count"] == 1
    assert item(report, "11.50(a)", "signature_manifest")["result"] in {"fail", "error"}


def words(value: Any, key: str = "") -> list[str]:
    if isinstance(value, str):
        return [] if key in QUOTED else [value]
    if isinstance(value, dict):
        return [text for name, held in value.items() for text in words(held, name)]
    if isinstance(value, list):
        return [text for held in value for text in words(held, key)]
    return []


@pytest.mark.parametrize("key", catalogue.names())
def test_nothing_of_ours_claims_that_a_rule_is_met(key: str) -> None:
    story = Story()
    story.tell("control.probed", probe("append_only_enforced"))

    said = " ".join(words(build(story, story.ask(key))))

    assert not re.search(r"(?i)\bcomplian(t|ce with)\b", said)


def test_the_report_hash_is_that_of_canonical_json() -> None:
    story = Story()
    content = as_bytes(build(story, story.ask()))

    assert ledger.canonical(json.loads(content)) == content
    assert ORG.startswith(json.loads(content)["organisation"]["name"])
