"""Query controls: what they find in entries, and what they leave alone."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from accounts.controls import people, signing
from annotations import controls as annotations
from ledger import controls as own
from ledger.registry import controls
from tests.ledger.evidence.streams import Story

ANNA, BEN = "accounts.user:anna", "accounts.user:ben"
ITEM = "annotations.item:1"


def findings(check: Callable[..., Any], story: Story) -> list[str]:
    return [found.reason for found in check(story.entries)]


def manifest(**changed: Any) -> str:
    told = {
        "printed_name": "Anna Arendt",
        "issued_at": "2026-11-02T08:00:00.000000Z",
        "time_zone": "Europe/Berlin",
        "meaning": "review",
        "signer": ANNA,
        "items": [{"record_id": "x.y:1", "version": 1, "content_hash": "00" * 32}],
        "nonce": "once",
    }
    return json.dumps({**told, **changed}, sort_keys=True, separators=(",", ":"))


def sign(story: Story, *, by: str = ANNA, session: str | None = "s", **changed: Any) -> None:
    facts = {"components": ["identifier", "password"], "webauthn": None}
    payload = {"manifest": manifest(**changed), **facts}
    story.tell(
        "signature.applied", payload, actor=by, subject=ITEM, origin={"session": session}
    )


def move(story: Story, before: str, after: str, version: int) -> None:
    payload = {"previous_state": before, "state": after, "item_version": version}
    story.tell("workflow.transition", payload, subject=ITEM)


def test_a_complete_signature_is_left_alone() -> None:
    story = Story()
    sign(story)

    assert findings(signing.signature_manifest, story) == []
    assert findings(signing.signature_components, story) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"printed_name": ""}, "without printed name"),
        ({"meaning": ""}, "without meaning"),
        ({"meaning": "fun"}, "a meaning that is none"),
        ({"signer": BEN}, "another signer"),
        ({"issued_at": ""}, "without issued at"),
    ],
)
def test_a_signature_without_who_when_or_why_is_found(
    changed: dict[str, str], said: str
) -> None:
    story = Story()
    sign(story, **changed)

    [found] = findings(signing.signature_manifest, story)

    assert said in found


def test_a_signature_outside_a_session_or_with_a_used_nonce_is_found() -> None:
    story = Story()
    sign(story)
    sign(story, session=None)

    found = findings(signing.signature_components, story)

    assert len(found) == 2
    assert "outside a session" in found[0]
    assert "used before" in found[1]


def test_an_account_name_given_twice_is_found_however_it_is_written() -> None:
    story = Story()
    for ref, account in ((ANNA, "anna@example.org"), (BEN, "Anna@Example.ORG ")):
        payload = {
            "person_id": ref,
            "account": account,
            "printed_name": "A",
            "time_zone": "UTC",
        }
        story.tell("user.created", payload, subject=ref)

    assert len(findings(people.unique_user_ids, story)) == 1
    assert len(findings(people.no_reused_identifiers, story)) == 1


def grant(story: Story, person: str, role: str, by: str) -> None:
    payload = {"membership_id": f"{person}-{role}", "role": role, "authorised_by": by}
    story.tell("user.role_granted", payload, subject=person)


def test_set_up_gives_the_first_administrator_who_gives_the_rest() -> None:
    story = Story()
    grant(story, ANNA, "administrator", "system:setup")
    grant(story, BEN, "reviewer", ANNA)

    assert findings(people.grants_authorised, story) == []


def test_a_role_given_by_somebody_not_entitled_is_found() -> None:
    story = Story()
    grant(story, ANNA, "administrator", "system:setup")
    grant(story, BEN, "reviewer", "system:setup")
    grant(story, ANNA, "reviewer", ANNA)
    grant(story, ANNA, "auditor", BEN)

    assert len(findings(people.grants_authorised, story)) == 3


def test_an_act_after_access_was_closed_is_found() -> None:
    story = Story()
    story.tell("user.deactivated", {"person_id": "ben"}, actor=ANNA, subject=BEN)
    story.tell("image.viewed", {}, actor=BEN)

    assert len(findings(people.leaver_access, story)) == 1


def test_reviewing_or_signing_one_s_own_reading_is_found() -> None:
    story = Story()
    story.tell("assignment.made", {"item": ITEM, "annotator": ANNA})
    story.tell("review.submitted", {"item": ITEM}, actor=ANNA)
    sign(story, by=ANNA)
    story.tell("review.submitted", {"item": ITEM}, actor=BEN)

    assert len(findings(annotations.separation_of_duties, story)) == 2


def test_a_change_without_a_reason_is_found() -> None:
    story = Story()
    story.tell("annotation.modified", {"reason_code": "correction"})
    story.tell("annotation.retired", {"reason_code": ""})

    assert len(findings(annotations.reason_present, story)) == 1


def test_the_permitted_steps_are_left_alone() -> None:
    story = Story()
    steps = ("draft", "submitted", "in_review", "accepted", "draft", "submitted")
    for version, (before, after) in enumerate(pairwise(steps), start=2):
        move(story, before, after, version)

    assert findings(annotations.workflow_sequence, story) == []


@pytest.mark.parametrize(
    "steps",
    [
        [("draft", "accepted", 2)],
        [("submitted", "in_review", 2)],
        [("draft", "submitted", 2), ("submitted", "in_review", 4)],
        [("draft", "submitted", 2), ("in_review", "accepted", 3)],
    ],
)
def test_a_skipped_step_or_version_is_found(steps: list[tuple[str, str, int]]) -> None:
    story = Story()
    for before, after, version in steps:
        move(story, before, after, version)

    assert len(findings(annotations.workflow_sequence, story)) == 1


def test_a_frozen_annotation_without_a_named_author_is_found() -> None:
    story = Story()
    story.tell("annotation.created", {}, actor="system:import", subject="annotations.a:1")
    frozen = {"snapshot_id": "1", "manifest_hash": "m"}
    assert findings(annotations.authorship_complete, story) == []

    story.tell("dataset.snapshot_frozen", frozen)

    assert len(findings(annotations.authorship_complete, story)) == 1


def test_an_export_of_another_content_than_was_frozen_is_found() -> None:
    story = Story()
    story.tell("dataset.snapshot_frozen", {"snapshot_id": "1", "manifest_hash": "m"})
    story.tell("dataset.exported", {"snapshot_id": "1", "manifest_hash": "n"})

    assert len(findings(annotations.change_after_freeze, story)) == 1


def test_files_without_an_outcome_or_a_reason_are_found() -> None:
    story = Story()
    counts = {"imported": 1, "quarantined": 0, "duplicate": 0, "rejected": 1}
    story.tell("upload.scanned", {"batch": "b", "files": 3, **counts})

    assert len(findings(annotations.missing_data_accounted, story)) == 2


@pytest.mark.parametrize(
    "payload",
    [
        {"patient_name": "x"},
        {"label": "DOE^JANE"},
        {"note": "123-45-6789"},
        {"PatientID": "1"},
    ],
)
def test_what_looks_like_a_patient_is_found_in_a_payload(payload: dict[str, str]) -> None:
    story = Story()
    story.tell("image.ingested", {"sop_uid": "2.25.1"})
    story.tell("image.ingested", payload)

    assert len(findings(own.phi_minimised_ledger, story)) == 1


def test_each_query_judges_events_and_says_what_it_does() -> None:
    queries = [control for control in controls.values() if control.mode == "query"]

    assert len(queries) >= 15
    assert all(control.judges and control.statement for control in queries)
