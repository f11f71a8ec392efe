"""Rows as PostgreSQL copies them: those as they should be, and any other."""

from typing import Any

import psycopg2
import pytest
from django.db import connection

from ledger import copied_rows, segments
from ledger.models import Entry, Stream
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)

# the same bytes under the commitment, but the salt ends a byte earlier
SHIFTED = "salt = substring(salt, 1, 15), body = substring(salt, 16) || body"


class Kept:
    """Keeps every message."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.together: list[int] = []

    def copied(self, messages: list[bytes]) -> None:
        self.messages += messages
        self.together.append(len(messages))


def copied() -> list[bytes]:
    kept = Kept()
    copied_rows.copy(connection.connection, Stream.objects.get().pk, 0, 100, kept)
    return kept.messages


def checked() -> segments.Checked:
    stream, size = Stream.objects.get(), Entry.objects.count()
    segment = segments.Segment(stream.pk, stream.origin, 0, size, hashes_only=True)
    return segments.check_segment(connection.connection, segment)


def test_every_row_is_one_message_with_its_fields() -> None:
    made = [happen(number=number) for number in range(3)]

    rows = [copied_rows.fields(message) for message in copied()]

    assert [int.from_bytes(row[0] or b"", "big") for row in rows] == [0, 1, 2]
    assert [(row[2] or b"").hex() for row in rows] == [receipt.commitment for receipt in made]


@pytest.mark.parametrize(
    ("many", "much", "together"), [(2, 1 << 20, [2, 2, 1]), (9, 1, [1] * 5)]
)
def test_rows_come_in_order_and_never_too_many_at_once(
    monkeypatch: pytest.MonkeyPatch, many: int, much: int, together: list[int]
) -> None:
    monkeypatch.setattr(copied_rows, "MANY", many)
    monkeypatch.setattr(copied_rows, "MUCH", much)
    made = [happen(number=number) for number in range(5)]
    kept = Kept()

    copied_rows.copy(connection.connection, Stream.objects.get().pk, 0, 100, kept)

    rows = [copied_rows.fields(message) for message in kept.messages]
    assert [(row[2] or b"").hex() for row in rows] == [receipt.commitment for receipt in made]
    assert kept.together == together


def test_a_body_that_is_gone_reads_as_none() -> None:
    happen()
    usual = copied()[0]
    gone = usual[: copied_rows.BODY - 4] + (-1).to_bytes(4, "big", signed=True)

    assert copied_rows.fields(gone)[-1] is None


def test_what_is_no_row_is_refused() -> None:
    happen()

    with pytest.raises(ValueError, match="no row"):
        copied_rows.fields(copied()[0] + b"x")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE ledger.body SET body = '{\"a\":1}'", "L301"),
        ("UPDATE ledger.body SET stream = 7", "L302"),
        (f"UPDATE ledger.body SET {SHIFTED}", "L302"),
        ("UPDATE ledger.entry SET sealed_us = sealed_us + 1", "L203"),
        ("UPDATE ledger.entry SET commitment = sha256('x')", "L203"),
        ("UPDATE ledger.entry SET seq = seq + 1 WHERE seq = 2", "L202"),
    ],
)
def test_hashing_alone_finds_what_was_changed(
    superuser_cursor: Any, change: str, code: str
) -> None:
    for number in range(3):
        happen(number=number)
    before = checked()
    superuser_cursor.execute("SET session_replication_role = replica")
    for table in ("body", "entry"):
        superuser_cursor.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")

    superuser_cursor.execute(change)

    assert (before.faults, before.found) == ([], 3)
    assert code in {fault.code for fault in checked().faults}


def test_a_copy_that_is_cut_off_is_an_error() -> None:
    happen()

    with pytest.raises(psycopg2.Error):
        copied_rows.copy(connection.connection, "no stream", 0, 1, Kept())  # type: ignore[arg-type]
