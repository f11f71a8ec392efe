"""The explorer's page: what it shows, to whom, and what it refuses."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

import ledger
from accounts.models import Project, Role
from tests.counting import queries_of
from tests.factories import make_administrator, make_project, make_user, sign_in
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(seal_now: Callable[[], None]) -> Project:
    """Make a project whose stream holds 60 entries about three things."""
    project = make_project()
    for number in range(60):
        thing = Thing(f"tests.thing:{'abc'[number % 3]}", str(project.pk))
        happen(thing, number=number, reason=f"reason {number}")
    seal_now()
    return project


@pytest.fixture
def reader(client: Client, project: Project) -> Client:
    sign_in(client, make_user(role=Role.REGULATORY, project=project))
    return client


def shown(client: Client, project: Project, **asked: Any) -> tuple[list[int], str]:
    """Return the positions that the explorer lists, in order, and the page."""
    page = client.get("/ledger/", {"stream": str(project.pk), **asked})
    text = page.content.decode()
    assert page.status_code == 200
    rows = re.findall(r"<tr[^>]*>\s*<td><a class=\"pos\"[^>]*>#([\d,]+)</a>", text)
    return [int(row.replace(",", "")) for row in rows], text


def test_the_newest_entries_come_first(reader: Client, project: Project) -> None:
    seqs, text = shown(reader, project)

    head = ledger.head(str(project.pk))
    assert head is not None
    assert seqs == list(range(head[0], head[0] - 50, -1))
    assert "reason 59" in text


def test_older_and_newer_pages_meet_without_gap_or_repeat(
    reader: Client, project: Project
) -> None:
    first, _ = shown(reader, project)
    older, _ = shown(reader, project, after=first[-1])
    back, _ = shown(reader, project, before=older[0])

    assert older == list(range(first[-1] - 1, -1, -1))
    assert back == first


def test_oldest_first_turns_the_order_round(reader: Client, project: Project) -> None:
    first, _ = shown(reader, project, sort="oldest")
    following, _ = shown(reader, project, sort="oldest", after=first[-1])

    assert first == list(range(50))
    assert following[0] == 50


def test_filters_find_event_actor_and_subject(reader: Client, project: Project) -> None:
    by_event, _ = shown(reader, project, event="thing.happened")
    by_actor, _ = shown(reader, project, actor="system:tests", subject="tests.thing:a")
    by_identity, _ = shown(reader, project, subject="a", actor="system:tests")

    assert len(by_event) == 50
    assert len(by_actor) == 20
    assert by_identity == by_actor


def test_a_day_before_everything_shows_that_nothing_matches(
    reader: Client, project: Project
) -> None:
    seqs, text = shown(reader, project, until="2020-01-01")

    assert seqs == []
    assert "No entry matches" in text


def test_a_device_is_a_filter(
    reader: Client, project: Project, seal_now: Callable[[], None]
) -> None:
    with ledger.origin(device="accounts.device:other"):
        receipt = happen(Thing("tests.thing:d", str(project.pk)))
    seal_now()

    seqs, _ = shown(reader, project, device="accounts.device:other")

    assert seqs == [receipt.seq()]


@pytest.mark.parametrize(
    ("query", "answer"),
    [("#7", 7), ("7", 7), ("#9,999", None), ("nothing like it", None), ("9" * 40, None)],
)
def test_a_position_is_found(
    reader: Client, project: Project, query: str, answer: int | None
) -> None:
    page = reader.get("/ledger/", {"stream": str(project.pk), "q": query})

    if answer is None:
        assert page.status_code == 200
        assert "No entry of this stream" in page.content.decode()
    else:
        assert page["Location"] == f"/ledger/{project.pk}/{answer}/"


def test_a_whole_hash_is_found(reader: Client, project: Project) -> None:
    record = ledger.about("tests.thing:a", stream=str(project.pk))[0]

    page = reader.get("/ledger/", {"stream": str(project.pk), "q": record.hash.upper()})

    assert page["Location"] == f"/ledger/{project.pk}/{record.sequence}/"


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"sort": "sideways"},
        {"after": "-1"},
        {"after": "9" * 30},
        {"event": "no.such"},
        {"subject": "a\0b"},
        {"actor": "' OR 1=1 --"},
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_word(
    reader: Client, project: Project, asked: dict[str, str]
) -> None:
    page = reader.get("/ledger/", {"stream": str(project.pk), **asked})

    assert page.status_code == 400
    assert "These filters cannot be used" in page.content.decode()


def test_a_subject_with_wildcards_is_taken_as_it_is(reader: Client, project: Project) -> None:
    assert shown(reader, project, subject="%")[0] == []


def test_people_without_a_reading_role_are_refused(client: Client, project: Project) -> None:
    sign_in(client, make_user(role=Role.ANNOTATOR, project=project))

    assert client.get("/ledger/").status_code == 403


def test_another_projects_stream_is_not_there(reader: Client, project: Project) -> None:
    other = make_project()

    for key in (str(other.pk), "nonsense"):
        assert reader.get("/ledger/", {"stream": key}).status_code == 404


def test_the_organisations_stream_is_for_those_who_read_it(client: Client) -> None:
    sign_in(client, make_administrator())

    assert client.get("/ledger/", {"stream": "org"}).status_code == 200


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    page = client.get("/ledger/")

    assert page.status_code == 302
    assert "/sign-in/" in page["Location"]


def test_the_number_of_queries_does_not_grow(
    reader: Client, project: Project, seal_now: Callable[[], None]
) -> None:
    stream = str(project.pk)
    before = queries_of(reader, "/ledger/", stream=stream)
    for number in range(300):
        happen(Thing(f"tests.thing:{number}", str(project.pk)), actor=f"system:job{number}")
    for _ in range(20):
        make_project()
    seal_now()

    assert queries_of(reader, "/ledger/", stream=stream) == before
