"""One entry's page: what it says, its bytes, its neighbours, and who may see it."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

import ledger
from accounts.models import Project, Role
from ledger.models import Stream
from tests.annotations.flow import submitted
from tests.factories import make_project, make_user, sign_in
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(seal_now: Callable[[], None]) -> Project:
    project = make_project()
    for number in range(3):
        happen(Thing("tests.thing:a", str(project.pk)), number=number, reason="it was due")
    seal_now()
    return project


@pytest.fixture
def reader(client: Client, project: Project) -> Client:
    sign_in(client, make_user(role=Role.REGULATORY, project=project))
    return client


def test_an_entry_shows_its_words_its_bytes_and_its_place(
    reader: Client, project: Project
) -> None:
    record = ledger.about("tests.thing:a", stream=str(project.pk))[1]

    page = reader.get(f"/ledger/{project.pk}/{record.sequence}/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "Something happened, for a test." in text
    assert "it was due" in text
    assert "&quot;schema&quot;:&quot;ledger.event/1&quot;" in text
    assert record.hash in text
    assert f'href="/ledger/{project.pk}/{record.sequence - 1}/"' in text
    assert f'href="/ledger/{project.pk}/{record.sequence + 1}/"' in text


def test_what_somebody_typed_is_shown_not_run(
    reader: Client, project: Project, seal_now: Callable[[], None]
) -> None:
    receipt = happen(
        Thing("tests.thing:x", str(project.pk)), reason="<script>alert(1)</script>"
    )
    seal_now()

    text = reader.get(f"/ledger/{project.pk}/{receipt.seq()}/").content.decode()

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("place", ["999999", "99999999999999999999999"])
def test_an_entry_that_is_not_there_is_not_found(
    reader: Client, project: Project, place: str
) -> None:
    assert reader.get(f"/ledger/{project.pk}/{place}/").status_code == 404


@pytest.mark.parametrize("key", ["nonsense", "%25", "a%00b", "..", "%27"])
def test_an_entry_of_a_stream_one_may_not_see_is_not_found(
    reader: Client, project: Project, key: str
) -> None:
    assert reader.get(f"/ledger/{key}/0/").status_code == 404


def test_another_projects_entry_is_not_found(reader: Client) -> None:
    other = make_project()
    happen(Thing(ledger_stream=str(other.pk)))

    assert reader.get(f"/ledger/{other.pk}/0/").status_code == 404


def test_an_entry_nobody_can_name_is_still_shown(
    reader: Client, project: Project, seal_now: Callable[[], None]
) -> None:
    thing = Thing("accounts.user:no-uuid", str(project.pk))
    receipt = happen(thing, actor="accounts.device:no-uuid")
    seal_now()

    assert reader.get(f"/ledger/{project.pk}/{receipt.seq()}/").status_code == 200
    assert reader.get("/ledger/", {"stream": str(project.pk)}).status_code == 200


def test_bytes_that_are_no_event_are_shown_as_such(
    reader: Client, project: Project, seal_now: Callable[[], None]
) -> None:
    stream = Stream.objects.get(origin__endswith=str(project.pk)).pk

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.body (stream, salt, body) VALUES (%s, %s, %s)",
            [stream, bytes(16), b"\xff\xfe"],
        )
    seal_now()
    head = ledger.head(str(project.pk))
    assert head is not None

    page = reader.get(f"/ledger/{project.pk}/{head[0]}/")

    assert page.status_code == 200
    assert "cannot be read" in page.content.decode()
    assert reader.get("/ledger/", {"stream": str(project.pk)}).status_code == 200


def test_a_position_is_a_link_only_for_whoever_may_open_it(
    client: Client, seal_now: Callable[[], None]
) -> None:
    item = submitted()
    seal_now()
    address = f"/ledger/{item.project_id}/"

    pages = {}
    for role in (Role.AUDITOR, Role.REVIEWER):
        sign_in(client, make_user(role=role, project=item.project))
        page = client.get(f"/projects/{item.project.slug}/items/{item.pk}/")
        pages[role] = page.content.decode()

    assert address in pages[Role.AUDITOR]
    assert address not in pages[Role.REVIEWER]
    assert "pos-plain" in pages[Role.REVIEWER]
