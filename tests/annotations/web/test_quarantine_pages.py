"""The pages of quarantine."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

import ledger
from accounts.models import Role
from annotations import quarantine
from annotations.models import ImportedFile
from tests.annotations.imaged import make_held, make_manager
from tests.factories import make_project, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
DECISION = {"decision": "accept", "reason": "looked, no text in it", "version": "1"}


def address(file: ImportedFile) -> str:
    return f"/projects/{file.project.slug}/quarantine/{file.pk}/"


def test_list_opens_the_oldest_and_says_why_it_is_held(client: Client) -> None:
    file = make_held()
    sign_in(client, make_manager(file.project))

    answer = client.get(f"/projects/{file.project.slug}/quarantine/")

    page = answer.content.decode()
    assert "1 image waits for a decision" in page
    assert answer.context["file"] == file
    assert "does not say whether text is burned in" in page


def test_decision_is_made_with_a_reason_and_shown_with_its_person(
    client: Client, seal_now: Callable[[], None]
) -> None:
    file = make_held()
    manager = make_manager(file.project)
    sign_in(client, manager)

    answer = client.post(address(file), DECISION, follow=True)
    seal_now()

    file.refresh_from_db()
    assert (file.decision, file.decided_by) == ("accepted", manager)
    assert "Released as SUBJ-0001" in answer.content.decode()
    page = client.get(address(file)).content.decode()
    assert manager.printed_name in page
    assert DECISION["reason"] in page


def test_held_image_is_shown_whole_and_looking_is_recorded_once(
    client: Client, seal_now: Callable[[], None]
) -> None:
    file = make_held()
    sign_in(client, make_manager(file.project))

    answers = [client.get(f"{address(file)}frames/0/") for _ in range(2)]
    seal_now()

    picture = Image.open(BytesIO(answers[0].content))
    assert picture.size == (file.facts["columns"], file.facts["rows"])
    events = [e.event for e in ledger.about(file.ledger_ref, stream=file.ledger_stream)]
    assert events.count("image.viewed") == 1


@pytest.mark.parametrize(
    "change",
    [{"reason": ""}, {"reason": "x"}, {"decision": ""}, {"decision": "maybe"}, {"version": ""}],
)
def test_incomplete_decision_is_said_and_nothing_decided(
    client: Client, change: dict[str, str]
) -> None:
    file = make_held()
    sign_in(client, make_manager(file.project))

    answer = client.post(address(file), {**DECISION, **change})

    file.refresh_from_db()
    assert answer.status_code == 422
    assert "Nothing was decided" in answer.content.decode()
    assert file.is_undecided


def test_stale_decision_gets_409_and_changes_nothing(client: Client) -> None:
    file = make_held()
    other = make_manager(file.project)
    quarantine.decide(file, by=other, accept=False, reason="a name is seen", version=1)
    sign_in(client, make_manager(file.project))

    answer = client.post(address(file), DECISION)

    file.refresh_from_db()
    assert answer.status_code == 409
    assert other.printed_name in answer.content.decode()
    assert file.decision == "rejected"


@pytest.mark.parametrize("number", [5, 10**30])
def test_frame_that_is_not_there_is_not_found(client: Client, number: int) -> None:
    file = make_held()
    sign_in(client, make_manager(file.project))

    assert client.get(f"{address(file)}frames/{number}/").status_code == 404


def test_rejected_image_is_shown_to_nobody(client: Client) -> None:
    file = make_held()
    manager = make_manager(file.project)
    quarantine.decide(file, by=manager, accept=False, reason="a name is seen", version=1)
    sign_in(client, manager)

    assert client.get(f"{address(file)}frames/0/").status_code == 404
    assert client.get(f"{address(file)}thumbnail/").status_code == 404


def test_empty_quarantine_says_so(client: Client) -> None:
    project = make_project()
    sign_in(client, make_manager(project))

    page = client.get(f"/projects/{project.slug}/quarantine/").content.decode()

    assert "Nothing waits" in page


def test_held_images_are_for_those_who_decide(client: Client) -> None:
    file = make_held()
    pages = ["", "frames/0/", "thumbnail/"]

    for person, status in (
        (make_user(role=Role.REVIEWER, project=file.project), 403),
        (make_manager(), 404),
    ):
        sign_in(client, person)
        answers = [client.get(f"{address(file)}{page}") for page in pages]
        answers.append(client.post(address(file), DECISION))
        assert {answer.status_code for answer in answers} == {status}

    file.refresh_from_db()
    assert file.is_undecided
