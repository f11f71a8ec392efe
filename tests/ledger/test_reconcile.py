"""Reconciliation: the tables and the record say the same, or it is named what does not."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import pytest
from django.db import connection

import ledger
from ledger import registry
from ledger.reconcile import reconcile
from ledger.registry import Record
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db

A, B = ledger.sha256_hex(b"a"), ledger.sha256_hex(b"b")


class ThingKept(ledger.Event, name="thing.kept"):
    """A test's thing was kept in a table."""

    content_hash: str


def replay(entries: Iterable[Record]) -> Mapping[str, str]:
    return {entry.subject: entry.payload["content_hash"] for entry in entries}


@pytest.fixture
def table() -> Iterator[dict[str, str]]:
    """Declare a table that is a dict, and take it back afterwards."""
    rows: dict[str, str] = {}
    ledger.recorded(
        "tests.kept", rows=rows.items, replay=replay, events=frozenset({ThingKept.name})
    )
    yield rows
    del registry.recorded_tables["tests.kept"]


@pytest.fixture
def keep(db: None, seal_now: Callable[[], None]) -> Callable[[str, str], int]:
    """Return what records that a thing is kept, and gives the entry's position."""

    def keep(ref: str, digest: str) -> int:
        subject = Thing(ref, "kept")
        receipt = ledger.append(
            ThingKept(content_hash=digest), actor="system:tests", subject=subject
        )
        seal_now()
        seq = receipt.seq()
        assert seq is not None
        return seq

    return keep


def test_rows_that_the_record_explains_agree(
    table: dict[str, str], keep: Callable[[str, str], int]
) -> None:
    keep("tests.thing:1", B)
    keep("tests.thing:1", A)
    table["tests.thing:1"] = A

    assert reconcile().agrees


def test_a_changed_row_is_named_with_its_newest_entry(
    table: dict[str, str], keep: Callable[[str, str], int]
) -> None:
    keep("tests.thing:1", B)
    newest = keep("tests.thing:1", A)
    table["tests.thing:1"] = B

    outcome = reconcile()

    assert outcome.counts() == {
        "rows_without_entry": 0,
        "entries_without_row": 0,
        "mismatched": 1,
    }
    (found,) = outcome.listed
    assert (found.ref, found.seq) == ("tests.thing:1", newest)
    assert found.origin == "localhost/ledger/p/kept"


def test_a_deleted_row_is_named_with_its_entry(
    table: dict[str, str], keep: Callable[[str, str], int]
) -> None:
    seq = keep("tests.thing:1", A)

    outcome = reconcile()

    assert outcome.entries_without_row == 1
    assert outcome.listed[0].seq == seq


def test_a_row_that_nobody_recorded_is_named(table: dict[str, str]) -> None:
    table["tests.thing:9"] = A

    outcome = reconcile()

    assert outcome.rows_without_entry == 1
    assert (outcome.listed[0].ref, outcome.listed[0].seq) == ("tests.thing:9", None)


def test_an_entry_that_still_waits_explains_its_row(table: dict[str, str]) -> None:
    ledger.append(
        ThingKept(content_hash=A), actor="system:tests", subject=Thing("tests.thing:1", "kept")
    )
    table["tests.thing:1"] = A

    assert reconcile().agrees


def test_a_search_index_that_was_emptied_changes_nothing(
    table: dict[str, str], keep: Callable[[str, str], int]
) -> None:
    from ledger.models import IndexedEntry

    keep("tests.thing:1", A)
    IndexedEntry.objects.all().delete()

    assert reconcile().entries_without_row == 1


def test_text_that_looks_like_an_event_name_is_not_taken_for_one(
    table: dict[str, str], seal_now: Callable[[], None]
) -> None:
    happen(reason='"event":"thing.kept"')
    seal_now()

    assert reconcile().agrees


def test_an_entry_of_another_form_is_named_and_hides_nothing(
    table: dict[str, str], keep: Callable[[str, str], int], seal_now: Callable[[], None]
) -> None:
    keep("tests.thing:1", A)
    with connection.cursor() as cursor:  # as anybody with the application's password could
        cursor.execute(
            "INSERT INTO ledger.body (stream, salt, body) SELECT stream, salt,"
            " convert_to(replace(convert_from(body, 'UTF8'), 'content_hash', 'other'), 'UTF8')"
            " FROM ledger.body ORDER BY id DESC LIMIT 1"
        )
    seal_now()
    keep("tests.thing:2", B)
    table.update({"tests.thing:1": A, "tests.thing:2": A})

    outcome = reconcile()

    told = [(found.ref, found.seq, found.kind) for found in outcome.listed]
    assert told == [("tests.thing:1", 1, "mismatched"), ("tests.thing:2", 2, "mismatched")]
    assert "other fields" in outcome.listed[0].message
