"""The guards in the database: what nobody, or not the application, may do to the record."""

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from ledger import guards
from ledger.models import Entry
from ledger.verify import verify
from tests.ledger.events import happen


@pytest.mark.parametrize(
    "statement",
    [
        # what has no privilege, what a guard stops, what could never be linked
        "UPDATE ledger.entry SET seq = seq",
        "UPDATE ledger.body SET body = '{}'",
        "DELETE FROM ledger.entry",
        "DELETE FROM ledger.body",
        "DELETE FROM ledger.pending",
        "TRUNCATE ledger.entry",
        "TRUNCATE ledger.body CASCADE",
        "TRUNCATE ledger.stream",
        "INSERT INTO ledger.entry SELECT stream, seq + 9, 99, 0, hash, hash FROM ledger.entry",
        "INSERT INTO ledger.body (id) OVERRIDING SYSTEM VALUE VALUES (99)",
        "INSERT INTO ledger.stream VALUES (9, 'x/y', repeat('x',16)::bytea)",
        "INSERT INTO ledger.body (stream, salt, body) VALUES (1, NULL, NULL)",
        "INSERT INTO ledger.body (stream, salt, body) VALUES (1, repeat('x',16)::bytea, '1')",
        "INSERT INTO ledger.body (stream, salt, body) VALUES (99, repeat('x',16)::bytea, '{}')",
        "ALTER TABLE ledger.entry DISABLE TRIGGER ALL",
        "DROP TABLE ledger.entry",
        "DROP TRIGGER deny_row ON ledger.entry",
        "SET session_replication_role = replica",
        "SET ROLE ledger_owner",
        "SELECT ledger.link_bodies(1, ARRAY[1])",
        "SELECT ledger.open_stream('NOT AN ORIGIN')",
    ],
)
@pytest.mark.django_db
def test_the_application_role_cannot(statement: str, seal_now: Callable[[], None]) -> None:
    happen()
    seal_now()
    before = list(Entry.objects.order_by("pk").values())

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # whatever COMMIT would refuse

    assert list(Entry.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("mode", ["origin", "replica"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger.entry SET seq = 7", "DELETE FROM ledger.body", "TRUNCATE ledger.body"],
)
def test_a_superuser_is_stopped_until_the_guards_are_off(
    superuser_cursor: Any, statement: str, mode: str
) -> None:
    happen()
    superuser_cursor.execute(f"SET session_replication_role = {mode}")

    with pytest.raises(psycopg2.Error, match="append-only"):
        superuser_cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "item"),
    [
        ("ALTER TABLE ledger.entry DISABLE TRIGGER deny_row", "trigger entry.deny_row"),
        ("ALTER TABLE ledger.entry ENABLE TRIGGER deny_row", "trigger entry.deny_row"),
        ("DROP TRIGGER deny_truncate ON ledger.body", "trigger body.deny_truncate"),
        ("GRANT UPDATE ON ledger.body TO ledger_app", "relation body"),
        ("GRANT UPDATE (body) ON ledger.body TO ledger_app", "column body.body"),
        ("GRANT EXECUTE ON FUNCTION ledger.drain TO ledger_app", "function ledger.drain"),
        ("ALTER FUNCTION ledger.deny SET search_path = public", "function ledger.deny()"),
        ("ALTER TABLE ledger.entry OWNER TO ledger_app", "relation entry"),
        ("ALTER TABLE ledger.entry DROP CONSTRAINT entry_pkey", "constraint ledger.entry"),
    ],
)
def test_a_changed_guard_is_found_and_named(
    superuser_cursor: Any, statement: str, item: str
) -> None:
    happen()
    guards.record(by="system:tests", reason="as installed")
    before = guards.judge()
    superuser_cursor.execute(statement)

    (fault,) = guards.judge()
    (organisation,) = [s for s in verify().streams if s.origin.endswith("/org")]

    assert before == []
    assert fault.code == "L901"
    assert item in fault.message
    assert organisation.integrity == "failed"


@pytest.mark.django_db
def test_without_a_recorded_fingerprint_a_note_says_so() -> None:
    assert [fault.code for fault in guards.judge()] == ["N908"]
