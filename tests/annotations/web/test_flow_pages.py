"""The pages of readings: who sees which, what they show, and how they refuse."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Project, Role, User
from annotations import snapshot
from annotations.models import Item
from annotations.split import Split
from tests.annotations.flow import (
    confirmation,
    make_item,
    make_member,
    make_protocol,
    make_series,
    reviewed,
    reviewer_of,
    signed,
    submitted,
)
from tests.factories import PASSWORD, make_project, make_user, sign_in

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


def client_of(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def page(name: str, project: Project, *args: Any) -> str:
    return reverse(f"annotations:{name}", args=[project.slug, *args])


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

    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(page(name, project))
    for _ in range(4):
        submitted(make_item(project=project, annotator=annotator))
    add_readings(project, annotator, 4)
    with CaptureQueriesContext(connection) as many:
        client.get(page(name, project))

    assert len(many) == len(few)


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


def sign_form(client: Client, item: Item, **changed: Any) -> dict[str, Any]:
    """Return what the sign page would post: its first request, name and password."""
    shown = client.get(page("sign", item.project, item.pk))
    assert shown.status_code == 200, shown.content
    choices = shown.context["choices"]
    return {
        "version": item.version,
        "request": str(choices[0]["request"].pk),
        "identifier": reviewer_of(item).email,
        "password": PASSWORD,
    } | changed


def test_a_reviewer_signs_on_the_page_and_the_record_shows_name_time_and_meaning() -> None:
    item = reviewed()
    client = client_of(reviewer_of(item))

    answer = client.post(page("sign", item.project, item.pk), sign_form(client, item))

    assert answer.status_code == 302
    record = client.get(answer["Location"]).content.decode()
    assert reviewer_of(item).printed_name in record
    assert "review" in record
    assert "UTC" in record
    item.refresh_from_db()
    assert item.state == Item.State.ACCEPTED


def test_a_wrong_password_signs_nothing_and_asks_again() -> None:
    item = reviewed()
    client = client_of(reviewer_of(item))

    answer = client.post(
        page("sign", item.project, item.pk), sign_form(client, item, password="wrong")
    )

    assert answer.status_code == 409
    assert "Nothing was signed" in answer.content.decode()
    item.refresh_from_db()
    assert item.state == Item.State.IN_REVIEW


def test_signing_what_changed_meanwhile_shows_what_is_new() -> None:
    item = reviewed()
    client = client_of(reviewer_of(item))
    form = sign_form(client, item)
    reviewed(item, by=reviewer_of(item))  # decided again in another window

    answer = client.post(page("sign", item.project, item.pk), form)

    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Nothing was signed" in text
    assert "version 4" in text
    item.refresh_from_db()
    assert item.state == Item.State.IN_REVIEW


def test_nobody_else_signs() -> None:
    item = reviewed()
    other = make_member(Role.REVIEWER, item.project)

    assert client_of(other).get(page("sign", item.project, item.pk)).status_code == 409
    assert client_of(item.annotator).get(page("sign", item.project, item.pk)).status_code == 409


def test_a_manager_assigns_several_series_at_once() -> None:
    project = make_project()
    make_protocol(project)
    annotator = make_member(Role.ANNOTATOR, project)
    series = [make_series(project) for _ in range(3)]
    client = client_of(make_member(Role.DATA_MANAGER, project))

    answer = client.post(
        page("assignments", project),
        {"annotator": str(annotator.pk), "series": [str(one.pk) for one in series]},
    )

    assert answer.status_code == 302
    assert Item.objects.filter(annotator=annotator).count() == 3


def test_series_of_another_project_are_not_assigned() -> None:
    project = make_project()
    make_protocol(project)
    annotator = make_member(Role.ANNOTATOR, project)
    client = client_of(make_member(Role.DATA_MANAGER, project))

    answer = client.post(
        page("assignments", project),
        {"annotator": str(annotator.pk), "series": [str(make_series().pk)]},
    )

    assert answer.status_code == 422
    assert not Item.objects.exists()


def test_a_manager_publishes_a_protocol_from_lines() -> None:
    project = make_project()
    client = client_of(make_member(Role.DATA_MANAGER, project))
    lines = "4147007 | SCT | Mass | both\n39607008 | SCT | Lung | polygon"

    answer = client.post(page("protocol", project), {"name": "Chest", "labels": lines})
    wrong = client.post(page("protocol", project), {"name": "Chest", "labels": "Mass"})

    assert answer.status_code == 302
    assert [label["meaning"] for label in project.protocols.get().labels] == ["Mass", "Lung"]
    assert wrong.status_code == 422


def test_a_manager_freezes_and_exports_and_the_page_says_so() -> None:
    item = Item.objects.get(pk=signed().item_id)
    client = client_of(make_member(Role.DATA_MANAGER, item.project))

    frozen = client.post(page("snapshots", item.project), {"name": "", "split": "80:10:10"})
    shown = client.get(frozen["Location"], {"check": "1"}).content.decode()
    pk = item.project.snapshots.get().pk
    archive = client.post(page("export", item.project, pk, "coco"))

    assert item.series.subject.code in shown
    assert "1 of 1 match" in shown
    assert archive["Content-Type"] == "application/zip"
    assert "COCO, 3 files" in client.get(frozen["Location"]).content.decode()


def test_a_wrong_split_is_refused_with_what_to_write() -> None:
    item = Item.objects.get(pk=signed().item_id)
    client = client_of(make_member(Role.DATA_MANAGER, item.project))

    answer = client.post(page("snapshots", item.project), {"name": "", "split": "80:30:10"})

    assert answer.status_code == 422
    assert "80:10:10" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.REGULATORY, Role.AUDITOR])
def test_others_neither_freeze_nor_export(role: str) -> None:
    item = Item.objects.get(pk=signed().item_id)
    manager = make_member(Role.DATA_MANAGER, item.project)
    one = snapshot.freeze(item.project, name="", split=Split(80, 10, 10), by=manager)
    client = client_of(make_member(role, item.project))

    freezing = client.post(page("snapshots", item.project), {"name": "", "split": "80:10:10"})
    exporting = client.post(page("export", item.project, one.pk, "coco"))

    assert (freezing.status_code, exporting.status_code) == (403, 403)


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


def test_confirmation_of_one_item_does_not_sign_another_on_its_page() -> None:
    item, other = reviewed(), reviewed()
    client = client_of(reviewer_of(item))
    answer = confirmation(other, reviewer_of(item))

    form = sign_form(client, item, request=answer.request_id)
    refused = client.post(page("sign", item.project, item.pk), form)

    assert refused.status_code == 409
