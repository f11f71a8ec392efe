"""Worker processes see the moment that the verification sees, and tell when they cannot."""

from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from django.db import connection, transaction

from ledger.models import Entry, Stream
from ledger.segments import Segment
from ledger.workers import checking
from tests.ledger.events import happen
from tests.ledger.tampering import STREAM, body_of, tamper

pytestmark = pytest.mark.django_db(transaction=True)


def found(snapshot: str | None) -> list[str]:
    """Return the codes that two processes find, one segment of two entries after the other."""
    stream = Stream.objects.get()
    size = Entry.objects.count()
    cut = [Segment(stream.pk, stream.origin, at, at + 2) for at in range(0, size, 2)]
    with checking(connection.get_connection_params(), 2, snapshot) as check:
        outcomes = list(check(cut))
    assert [outcome.found for outcome in outcomes] == [2] * len(cut)
    return [fault.code for outcome in outcomes for fault in outcome.faults]


def test_what_changes_after_the_snapshot_was_taken_is_not_seen(superuser_cursor: Any) -> None:
    for number in range(6):
        happen(STREAM, number=number)
    superuser_cursor.execute("SET search_path = ledger")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        tamper(superuser_cursor, f"UPDATE body SET body = '{{}}' WHERE {body_of(3)}")

        assert found(snapshot) == []
        assert found(None) == ["L301", "L304"]


def test_processes_that_cannot_connect_end_the_verification() -> None:
    parameters = {**connection.get_connection_params(), "port": 1, "connect_timeout": 2}

    with checking(parameters, 1, None) as check, pytest.raises(BrokenProcessPool):
        list(check([Segment(1, "example.org/ledger/org", 0, 1)]))
