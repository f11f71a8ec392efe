"""Items over HTTP: strict input, one code and one message for each refusal."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import ledger
from accounts.models import Role
from annotations import readings
from annotations.models import Draft, Item, Revision
from tests.annotations.api.viewer import VIEWED, mark, reading, send
from tests.annotations.flow import (
    make_item,
    make_member,
    make_series,
    reviewed,
    reviewer_of,
    signed,
    submitted,
)
from tests.factories import client_of, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_annotator_gets_what_they_need_to_read() -> None:
    item = make_item()

    found = client_of(item.annotator).get(f"/api/items/{item.pk}/").json()

    assert found["mode"] == "annotate"
    assert found["version"] == 1
    assert found["series"] == str(item.series_id)
    assert found["labels"][0] == {
        "value": "4147007",
        "scheme": "SCT",
        "meaning": "Mass",
        "color": 1,
        "kinds": ["box", "polygon"],
    }
    assert found["draft"] is None
    assert found["urls"]["submit"] == f"/api/items/{item.pk}/submit/"


def test_a_submission_answers_with_hash_and_position_of_each_revision() -> None:
    item = make_item()

    answer = send(client_of(item.annotator), item, "submit", reading(item, mark(item)))

    assert answer.status_code == 201
    (revision,) = answer.json()["revisions"]
    sealed = Revision.objects.get()
    assert revision["content_hash"] == sealed.content_hash
    (entry,) = ledger.about(sealed.record_id)
    assert revision["seq"] == entry.sequence


def test_a_submission_names_the_next_item_to_read() -> None:
    item = make_item()
    other = make_item(project=item.project, annotator=item.annotator)

    answer = send(client_of(item.annotator), item, "submit", reading(item, mark(item)))

    assert str(other.pk) in answer.json()["next_url"]


def test_a_draft_comes_back_to_its_author_alone() -> None:
    item = make_item()
    client = client_of(item.annotator)
    drawn = mark(item)

    saved = send(client, item, "draft", {"annotations": [drawn], "viewed": VIEWED}, "put")

    assert saved.status_code == 200
    found = client.get(f"/api/items/{item.pk}/").json()["draft"]
    assert found["annotations"][0]["points"] == drawn["points"]
    assert found["annotations"][0]["instance_uid"] == drawn["instance_uid"]
    auditor = client_of(make_member(Role.AUDITOR, item.project))
    assert auditor.get(f"/api/items/{item.pk}/").json()["draft"] is None


def test_a_stranger_finds_nothing_there() -> None:
    item = make_item()
    client = client_of(make_item().annotator)

    assert client.get(f"/api/items/{item.pk}/").status_code == 404
    for act, method in (("draft", "put"), ("submit", "post"), ("review", "post")):
        answer = send(client, item, act, {}, method)
        assert answer.status_code == 404
        assert set(answer.json()) == {"code", "message"}


@pytest.mark.parametrize("role", [Role.REGULATORY, Role.AUDITOR, Role.DATA_MANAGER])
def test_the_wrong_role_is_refused(role: str) -> None:
    item = submitted()
    client = client_of(make_member(role, item.project))

    submit = send(client, item, "submit", reading(item))
    decide = send(client, item, "review", {"version": 2, "decision": "accept"})
    draft = send(client, item, "draft", {"annotations": []}, "put")

    assert [a.status_code for a in (submit, decide, draft)] == [403, 403, 403]


def test_without_a_session_there_is_no_api() -> None:
    item = make_item()

    answer = Client().get(f"/api/items/{item.pk}/")

    assert answer.status_code in {401, 403}
    assert answer["Content-Type"] == "application/json"


def test_a_forged_request_without_its_token_is_refused() -> None:
    item = make_item()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, item.annotator)

    answer = send(client, item, "submit", reading(item, mark(item)))

    assert answer.status_code == 403
    assert not Revision.objects.exists()


def test_the_same_request_again_gets_the_first_answer() -> None:
    item = make_item()
    client = client_of(item.annotator)
    body = reading(item, mark(item))
    first = send(client, item, "submit", body)

    again = send(client, item, "submit", body)

    assert (again.status_code, again.json()) == (201, first.json())
    assert Revision.objects.count() == 1


def test_another_request_for_the_same_version_is_a_conflict() -> None:
    item = make_item()
    client = client_of(item.annotator)
    send(client, item, "submit", reading(item, mark(item)))

    again = send(client, item, "submit", reading(item, mark(item, tracking_id="Other")))

    assert again.status_code == 409
    assert again.json()["code"] == "already_submitted"
    assert Revision.objects.count() == 1


def test_an_image_of_another_series_of_the_project_is_refused() -> None:
    item = make_item()
    elsewhere = make_series(item.project).instances.get()

    answer = send(
        client_of(item.annotator),
        item,
        "submit",
        reading(item, mark(item, instance=str(elsewhere.pk))),
    )

    assert answer.status_code == 422


def test_a_reviewer_accepts_and_is_sent_to_sign() -> None:
    item = submitted()
    client = client_of(make_member(Role.REVIEWER, item.project))
    assert client.get(f"/api/items/{item.pk}/").json()["mode"] == "review"

    answer = send(client, item, "review", {"version": 2, "decision": "accept"})

    assert answer.status_code == 200
    assert answer.json()["sign_url"].endswith(f"/items/{item.pk}/sign/")


def test_a_reviewer_rejects_and_the_annotator_reads_why() -> None:
    item = submitted()
    body = {"version": 2, "decision": "reject", "reason": "Outside the wall."}

    answer = send(client_of(make_member(Role.REVIEWER, item.project)), item, "review", body)

    assert answer.json()["sign_url"] is None
    found = client_of(item.annotator).get(f"/api/items/{item.pk}/").json()
    assert found["returned"]["reason"] == "Outside the wall."
    assert found["mode"] == "view"


def test_a_reviewer_corrects_with_a_drawing() -> None:
    item = submitted()
    before = Revision.objects.get()
    changed = mark(
        item, instance_uid=str(before.annotation_id), points=[["1", "2"], ["3", "4"]]
    )
    body = {
        "version": 2,
        "decision": "correct",
        "reason": "Boundary.",
        "annotations": [changed],
    }

    answer = send(client_of(make_member(Role.REVIEWER, item.project)), item, "review", body)

    assert answer.status_code == 200
    assert Revision.objects.latest("number").parent_hash == before.content_hash


def test_a_rejection_without_a_reason_is_unprocessable() -> None:
    item = submitted()

    answer = send(
        client_of(make_member(Role.REVIEWER, item.project)),
        item,
        "review",
        {"version": 2, "decision": "reject", "reason": ""},
    )

    assert answer.status_code == 422
    assert answer.json()["code"] == "reason_missing"


def test_a_decision_about_an_older_version_is_a_conflict_and_is_recorded() -> None:
    item = submitted()
    client = client_of(make_member(Role.REVIEWER, item.project))

    answer = send(client, item, "review", {"version": 1, "decision": "accept"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "stale_version"
    last = ledger.about(item.ledger_ref)[-1]
    assert last.event == "workflow.transition_refused"
    assert last.payload["rule"] == "stale_version"


def test_accepted_work_can_only_be_looked_at() -> None:
    item = Item.objects.get(pk=signed().item_id)

    for person in (item.annotator, reviewer_of(item)):
        found = client_of(person).get(f"/api/items/{item.pk}/").json()
        assert found["mode"] == "view"
        assert found["urls"]["submit"] is None


def test_submission_asks_the_database_as_often_for_many_marks_as_entries_need() -> None:
    few, many = make_item(), make_item()
    counts = []
    for item, number in ((few, 1), (many, 11)):
        client = client_of(item.annotator)
        client.get(f"/api/items/{item.pk}/")
        marks = [mark(item, tracking_id=f"Lesion {n}") for n in range(number)]
        with CaptureQueriesContext(connection) as queries:
            assert send(client, item, "submit", reading(item, *marks)).status_code == 201
        counts.append(len(queries))

    assert counts[1] - counts[0] <= 10 * 2  # an entry for each mark, and nothing else


def test_a_draft_that_does_not_open_is_no_draft_of_anybody() -> None:
    item = reviewed(decision="reject", reason="Too wide.")

    assert readings.draft_of(item, user=item.annotator) is None
    assert not Draft.objects.exists()


def test_a_correction_takes_no_null_for_a_drawn_thing() -> None:
    item = submitted()
    verdict = {"version": item.version, "decision": "correct", "reason": "Too large."}
    reviewer = client_of(make_member(Role.REVIEWER, item.project))

    answer = send(reviewer, item, "review", verdict | {"annotations": [None]})

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"
