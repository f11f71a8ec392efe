"""Finding entries: everything that matches and nothing else, in order, with bounded work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

import ledger
from accounts.models import Role
from ledger.models import Entry, IndexedEntry, Stream
from ledger.web import lookup
from ledger.web.lookup import Asked, look, position_at, values
from tests.counting import queries_of
from tests.factories import make_project, make_user, sign_in
from tests.ledger.events import Thing, ThingHappened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from accounts.models import Project

SCANNED = re.compile(r"Seq Scan on (?:ledger\.)?(entry|body|ledger_indexedentry)\b")
ACTORS = ("system:often", "system:often", "system:often", "system:seldom")
DEVICES = ("accounts.device:a", None, "accounts.device:b")


@transaction.atomic
def fill(key: str, entries: int) -> None:
    """Append so many entries, of changing actors, devices and subjects."""
    for batch in range(0, entries, 500):
        numbers = range(batch, min(batch + 500, entries))
        with ledger.origin(device=DEVICES[batch // 500 % 3]):
            events = [
                (ThingHappened(number=n), Thing(f"tests.thing:{'ab'[n % 2]}{n % 7}", key))
                for n in numbers
            ]
            ledger.append_many(events, actor=ACTORS[batch // 500 % 4])


@pytest.fixture
def stream(db: None, seal_now: Callable[[], None]) -> Stream:
    """Return a stream of 60 entries: 2 actors, 2 devices, 14 subjects, one other kind."""
    for number in range(60):
        with ledger.origin(device=DEVICES[number % 3]), transaction.atomic():
            kind = "thing" if number % 10 else "other"
            ledger.append(
                ThingHappened(number=number),
                actor=ACTORS[number % 4],
                subject=Thing(f"tests.{kind}:{'ab'[number % 2]}{number % 7}", "looked-through"),
            )
    seal_now()
    return Stream.objects.get(origin__endswith="/looked-through")


QUESTIONS: dict[str, dict[str, Any]] = {
    "actor often": {"actor": "system:often"},
    "actor seldom": {"actor": "system:seldom"},
    "device": {"device": "accounts.device:a"},
    "two": {"actor": "system:seldom", "device": "accounts.device:b"},
    "subject": {"subject": "tests.thing:a2"},
    "beginning": {"begins": "a"},
    "beginning of one": {"begins": "b3", "actor": "system:often"},
    "nothing begins so": {"begins": "zz"},
    "wildcard": {"begins": "%"},
    "nobody": {"actor": "system:nobody"},
    "hidden": {"hidden": ["thing.happened"]},
    "hidden and seldom": {"hidden": ["thing.other"], "actor": "system:seldom"},
    "range": {"lo": 11, "hi": 43, "actor": "system:often"},
    "range of all": {"lo": 11, "hi": 43},
    "empty range": {"lo": 30, "hi": 12, "actor": "system:often"},
}


def asked_of(stream: Stream, question: dict[str, Any]) -> Asked:
    asked = Asked(stream, question.get("lo", 0), question.get("hi", 60))
    for name in ("actor", "device", "subject"):
        if name in question:
            asked.is_value(name, question[name])
    if "begins" in question:
        asked.begins(question["begins"])
    asked.hidden = list(question.get("hidden", []))
    return asked


def expected(stream: Stream, question: dict[str, Any]) -> list[int]:
    """Return the same by reading every row."""

    def fits(row: IndexedEntry) -> bool:
        named = all(
            getattr(row, name) == question[name]
            for name in ("actor", "device", "subject")
            if name in question
        )
        begins = row.subject.partition(":")[2].startswith(question.get("begins", ""))
        return named and begins and row.event not in question.get("hidden", [])

    found = [
        entry.seq
        for entry in Entry.objects.filter(stream=stream).select_related("body__indexed")
        if fits(entry.body.indexed)
        and question.get("lo", 0) <= entry.seq < question.get("hi", 60)
    ]
    return sorted(found)


def every_page(stream: Stream, question: dict[str, Any], *, ascending: bool) -> Iterator[int]:
    place: int | None = None
    for _ in range(200):
        asked = asked_of(stream, question)
        found = look(asked, place=place, ascending=ascending, most=5)
        yield from found.seqs
        if found.onward is not None:
            place = found.onward
        elif len(found.seqs) == 5:
            place = found.seqs[-1]
        else:
            return
    pytest.fail("The pages have no end.")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize(("gathered", "walked"), [(1000, 7), (0, 7), (20, 1000)])
def test_the_pages_together_are_what_matches_once_and_in_order(
    stream: Stream,
    monkeypatch: pytest.MonkeyPatch,
    question: dict[str, Any],
    gathered: int,
    walked: int,
    *,
    ascending: bool,
) -> None:
    monkeypatch.setattr(lookup, "GATHERED", gathered)
    monkeypatch.setattr(lookup, "WALKED", walked)
    wanted = expected(stream, question)

    found = list(every_page(stream, question, ascending=ascending))

    assert found == (wanted if ascending else wanted[::-1])


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_what_is_gathered_is_counted(stream: Stream, question: dict[str, Any]) -> None:
    found = look(asked_of(stream, question), place=None, ascending=False, most=5)

    is_walked = question.keys() == {"hidden"}
    assert found.total == (None if is_walked else len(expected(stream, question)))


def test_one_look_passes_over_so_many_entries_and_says_where_it_ended(
    stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "GATHERED", 0)
    monkeypatch.setattr(lookup, "WALKED", 10)
    nothing = {"actor": "system:often", "begins": "zz"}
    seldom = {"actor": "system:seldom", "device": "accounts.device:a"}
    monkeypatch.setattr(lookup, "_rarest", lambda asked: None)

    found = look(asked_of(stream, nothing), place=None, ascending=False, most=5)
    upwards = look(asked_of(stream, seldom), place=30, ascending=True, most=5)

    assert (found.seqs, found.total, found.onward) == ([], None, 50)
    assert (upwards.seqs, upwards.onward) == ([39], 40)


def test_a_time_is_the_first_position_sealed_then_or_later(stream: Stream) -> None:
    times = list(Entry.objects.filter(stream=stream).order_by("seq").values_list("sealed_us"))

    for time in {times[0][0], times[31][0], times[59][0], times[59][0] + 1, 0}:
        expected = next((n for n, (at,) in enumerate(times) if at >= time), 60)
        assert position_at(stream, 60, time) == expected
    assert position_at(stream, 0, 5) == 0


def test_the_values_that_occur_are_told_once_each(stream: Stream) -> None:
    assert values(stream, "actor", most=9) == ["system:often", "system:seldom"]
    assert values(stream, "device", most=9) == ["accounts.device:a", "accounts.device:b"]
    assert values(stream, "actor", most=1) == ["system:often"]


def test_a_look_leaves_the_connection_as_it_was(stream: Stream) -> None:
    look(asked_of(stream, {"actor": "system:often"}), place=None, ascending=False, most=5)

    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)


PAGES: list[dict[str, str]] = [
    {},
    {"sort": "oldest"},
    {"after": "2500"},
    {"before": "40"},
    {"event": "thing.happened"},
    {"actor": "system:seldom"},
    {"device": "accounts.device:b"},
    {"subject": "tests.thing:a2"},
    {"subject": "a2"},
    {"subject": "thing b3"},
    {"subject": "nothing"},
    {"since": "2020-01-01", "until": "2020-01-02"},
    {"since": "2020-01-01", "until": "2999-01-01"},
    {"viewing": "no"},
    {"actor": "system:often", "device": "accounts.device:a", "subject": "b", "sort": "oldest"},
]


def plans_of(client: Client, project: Project, asked: dict[str, str]) -> list[str]:
    """Return how the database carries out each query of a page, as it comes."""
    plans = []

    def explain(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            with context["connection"].connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                plans.append("\n".join(row[0] for row in cursor.fetchall()) + f"\n{sql}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        page = client.get("/ledger/", {"stream": str(project.pk), **asked})
    assert page.status_code == 200
    return plans


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gathered", [0, 20_000])
def test_no_page_reads_a_whole_table(
    client: Client, superuser_cursor: Any, monkeypatch: pytest.MonkeyPatch, gathered: int
) -> None:
    monkeypatch.setattr(lookup, "GATHERED", gathered)
    monkeypatch.setattr(lookup, "WALKED", 500)
    project = make_project()
    fill(str(project.pk), 6000)
    fill(str(make_project().pk), 2000)
    superuser_cursor.execute("ANALYZE")
    sign_in(client, make_user(role=Role.REGULATORY, project=project))

    for asked in PAGES:
        plans = plans_of(client, project, asked)
        assert len(plans) > 10
        assert [plan for plan in plans if SCANNED.search(plan)] == [], asked


@pytest.mark.django_db(transaction=True)
def test_a_page_asks_no_more_of_a_long_record(client: Client) -> None:
    project = make_project()
    fill(str(project.pk), 2000)
    sign_in(client, make_user(role=Role.REGULATORY, project=project))
    key = str(project.pk)
    before = [queries_of(client, "/ledger/", stream=key, **asked) for asked in PAGES]

    fill(key, 4000)

    after = [queries_of(client, "/ledger/", stream=key, **asked) for asked in PAGES]
    assert after == before
