"""The pages of readings: who sees which, what they show, and how they refuse."""

import pytest

from accounts.models import Project, Role, User
from annotations.models import Item
from tests.annotations.flow import (
    make_item,
    make_member,
    make_protocol,
    reviewed,
    reviewer_of,
    signed,
    submitted,
)
from tests.annotations.web.addresses import page
from tests.counting import queries_of
from tests.factories import client_of, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("worklist", "reviews", "records", "assignments", "protocol", "snapshots")
SEES: dict[str, set[str]] = {
    Role.ANNOTATOR: {"worklist", "protocol"},
    Role.REVIEWER: {"reviews", "records", "protocol", "snapshots"},
    Role.DATA_MANAGER: {"records", "assignments", "protocol", "snapshots"},
    Role.REGULATORY: {"records", "protocol", "snapshots"},
    Role.AUDITOR: {"records", "protocol", "snapshots"},
    Role.ADJUDICATOR: {"records", "protocol", "snapshots"},
}


@pytest.mark.parametrize("role", list(SEES))
def test_each_role_opens_its_own_pages_and_no_other(role: str) -> None:
    project = make_project()
    make_protocol(project)
    client = client_of(make_member(role, project))

    answers = {name: client.get(page(name, project)).status_code for name in PAGES}

    assert answers == {name: 200 if name in SEES[role] else 403 for name in PAGES}


def test_for_strangers_no_page_is_there() -> None:
    item = submitted()
    client = client_of(make_item().annotator)

    for name in PAGES:
        assert client.get(page(name, item.project)).status_code == 404
    for name in ("read", "record", "sign"):
        assert client.get(page(name, item.project, item.pk)).status_code == 404


def test_an_item_of_another_project_is_not_there() -> None:
    item, other = submitted(), submitted()
    client = client_of(make_member(Role.REVIEWER, item.project))

    for name in ("read", "record", "sign"):
        assert client.get(page(name, item.project, other.pk)).status_code == 404


def test_other_readers_work_is_hidden() -> None:
    item = submitted()
    client = client_of(make_member(Role.ANNOTATOR, item.project))

    assert client.get(page("record", item.project, item.pk)).status_code == 403
    assert client.get(page("read", item.project, item.pk)).status_code == 403


def add_readings(project: Project, annotator: User, count: int) -> None:
    for _ in range(count):
        make_item(project=project, annotator=annotator)


@pytest.mark.parametrize("name", ["worklist", "reviews", "records", "assignments"])
def test_a_list_asks_the_database_as_often_for_many_rows_as_for_few(name: str) -> None:
    project = make_project()
    annotator = make_member(Role.ANNOTATOR, project)
    roles = {"worklist": annotator, "assignments": make_member(Role.DATA_MANAGER, project)}
    client = client_of(roles.get(name) or make_member(Role.REVIEWER, project))
    submitted(make_item(project=project, annotator=annotator))
    add_readings(project, annotator, 1)
    client.get(page(name, project))

    few = queries_of(client, page(name, project))
    for _ in range(4):
        submitted(make_item(project=project, annotator=annotator))
    add_readings(project, annotator, 4)

    assert queries_of(client, page(name, project)) == few


def test_the_worklist_searches_filters_and_pages() -> None:
    project = make_project()
    annotator = make_member(Role.ANNOTATOR, project)
    items = [make_item(project=project, annotator=annotator) for _ in range(26)]
    client = client_of(annotator)
    url = page("worklist", project)
    code = items[3].series.subject.code

    found = client.get(url, {"q": code}).content.decode()
    second = client.get(url, {"page": "2"}).content.decode()

    assert code in found
    assert items[4].series.subject.code not in found
    assert "26 to 26 of 26" in second
    assert "Nothing matches" in client.get(url, {"q": "nobody"}).content.decode()
    assert client.get(url, {"page": "x", "tab": "'; --", "sort": "?"}).status_code == 200


def test_returned_work_shows_the_reviewers_words_and_is_taken_up_by_a_press() -> None:
    item = reviewed(decision="reject", reason="Outside the wall.")
    client = client_of(item.annotator)

    home = client.get("/").content.decode()
    answer = client.post(page("take_up", item.project, item.pk), {"version": item.version})

    assert "Outside the wall." in home
    assert answer.status_code == 302
    item.refresh_from_db()
    assert item.state == Item.State.DRAFT


def test_taking_up_an_older_version_is_refused_and_changes_nothing() -> None:
    item = reviewed(decision="reject", reason="Outside the wall.")

    answer = client_of(item.annotator).post(
        page("take_up", item.project, item.pk), {"version": item.version - 1}
    )

    assert answer.status_code == 409
    item.refresh_from_db()
    assert item.state == Item.State.REJECTED


@pytest.mark.parametrize("role", [*SEES, Role.ADMINISTRATOR])
def test_everybody_has_a_first_page(role: str) -> None:
    item = Item.objects.get(pk=signed().item_id)
    submitted(make_item(project=item.project))
    project = None if role == Role.ADMINISTRATOR else item.project

    answer = client_of(make_user(role=role, project=project)).get("/")

    assert answer.status_code == 200
    assert "<h1>" in answer.content.decode()


def test_accepted_work_is_reopened_on_its_page_with_a_reason() -> None:
    signature = signed()
    item = Item.objects.get(pk=signature.item_id)
    client = client_of(reviewer_of(item))
    url = page("reopen", item.project, item.pk)

    silent = client.post(url, {"version": item.version, "reason": " "})
    told = client.post(url, {"version": item.version, "reason": "New protocol."})

    assert silent.status_code == 422
    assert told.status_code == 302
    assert "Superseded" in client.get(told["Location"]).content.decode()


def test_adjudicators_are_told_that_nothing_comes_to_them_yet() -> None:
    adjudicator = make_user(role=Role.ADJUDICATOR, project=make_project())

    shown = client_of(adjudicator).get("/").content.decode()

    assert "Nothing to adjudicate" in shown
    assert "No work is open to you" not in shown
