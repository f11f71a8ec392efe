"""What the demo's people do answers the buyer's questions on access, devices and awareness."""

import json
from pathlib import Path
from typing import Any

import pytest

import ledger
from accounts.models import Role
from annotations.management.demo import house, oversight, story
from annotations.management.demo.people import Cast, invite
from annotations.management.demo.stage import Stage
from ledger.evidence.models import EvidenceReport

pytestmark = pytest.mark.django_db(transaction=True)
QUESTIONS = tuple(f"BUYER-{key}" for key in ("H4", "H5", "H6", "D1", "D2", "D3", "D4"))
ANSWERED = {"evidenced", "attested_only", "partly"}


def answers(cast: Cast, project: Any) -> dict[str, Any]:
    """Tell the demo's chapters about people and places; return the report's answers."""
    stage = Stage(project=project, cast=cast, images=Path())
    house.places(cast)
    story.machines(stage)
    oversight.publish(cast)
    oversight.attest(cast)
    cast.sign_out()
    ledger.sign_and_anchor()  # as the demo does: the checks ask for signed ends
    with cast.acting(Role.REGULATORY) as regulatory:
        ledger.run_probes(by=regulatory)
        ledger.make_report("buyer_questions", stream=str(project.pk), by=regulatory)
    report = json.loads(bytes(EvidenceReport.objects.get().report_json))
    return {clause["id"]: clause for clause in report["regulations"][0]["clauses"]}


def test_each_question_has_entries_and_a_named_person_behind_it() -> None:
    project, cast = invite("demo", "Demo")

    found = answers(cast, project)

    assert {key: found[key]["status"] for key in QUESTIONS if key not in found} == {}
    for key in QUESTIONS:
        clause = found[key]
        assert clause["status"] in ANSWERED, (key, clause["status"], clause["why"])
        (said,) = clause["attestations"]
        assert (said["state"], said["by"]["name"]) == ("current", "Ruth Okafor")
        assert any(item["entries"] for item in clause["evidence"]), key
    assert found["BUYER-D2"]["status"] == "attested_only"
