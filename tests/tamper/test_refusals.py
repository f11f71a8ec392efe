"""Acts that the database itself refuses; each succeeds once its guard is gone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connections
from psycopg2.errors import InsufficientPrivilege, UniqueViolation

from ledger.verify import verify
from tests.tamper.world import World, superuser

APPLICATION, ERASER, SUPERUSER = "ledger_app", "ledger_eraser", "a superuser"


@dataclass(frozen=True)
class Refused:
    """A statement, who makes it, and what takes away what refuses it."""

    row: int
    role: str
    act: str
    guard: str

    def __str__(self) -> str:
        return f"{self.row}-{self.act[:32]}"


def granted(what: str, table: str = "entry") -> str:
    return f"GRANT {what} ON {table} TO ledger_app; ALTER TABLE {table} DISABLE TRIGGER ALL"


ENTRY = "INSERT INTO ledger.entry SELECT stream, {}, body_id, sealed_us, commitment, hash"
BODY = "UPDATE ledger.body SET salt = NULL, body = NULL"
CASES = [
    Refused(1, APPLICATION, "UPDATE ledger.entry SET hash = hash", granted("UPDATE")),
    Refused(1, APPLICATION, "DELETE FROM ledger.entry", granted("DELETE")),
    Refused(1, APPLICATION, "TRUNCATE ledger.entry", granted("TRUNCATE")),
    Refused(1, APPLICATION, "UPDATE ledger.body SET body = body", granted("UPDATE", "body")),
    Refused(
        1,
        APPLICATION,
        "INSERT INTO ledger.stream SELECT * FROM ledger.stream ON CONFLICT (origin)"
        " DO UPDATE SET created_at = now()",
        granted("INSERT, UPDATE", "stream"),
    ),
    Refused(1, APPLICATION, "DELETE FROM ledger.checkpoint", granted("DELETE", "checkpoint")),
    Refused(
        1,
        SUPERUSER,
        "DELETE FROM ledger.checkpoint",
        "ALTER TABLE checkpoint DISABLE TRIGGER deny_row",
    ),
    Refused(
        2,
        SUPERUSER,
        "CREATE TABLE public.parent AS SELECT id FROM ledger.body;"
        " ALTER TABLE public.parent ADD PRIMARY KEY (id);"
        " ALTER TABLE ledger.entry ADD FOREIGN KEY (body_id) REFERENCES public.parent"
        " ON DELETE CASCADE; DELETE FROM public.parent",
        "ALTER TABLE entry DISABLE TRIGGER deny_row",
    ),
    Refused(
        3,
        APPLICATION,
        f"{ENTRY.format('seq + 1000')} FROM ledger.entry WHERE false",
        granted("INSERT"),
    ),
    Refused(
        6,
        SUPERUSER,
        "SET session_replication_role = replica; UPDATE ledger.body SET body = body",
        "ALTER TABLE body ENABLE TRIGGER deny_row",
    ),
    Refused(
        17,
        SUPERUSER,
        f"{ENTRY.format('seq + 1000')} FROM ledger.entry",
        "ALTER TABLE entry DROP CONSTRAINT entry_body_id_key",
    ),
    Refused(
        17,
        SUPERUSER,
        f"{ENTRY.format('seq')} FROM ledger.entry",
        "ALTER TABLE entry DROP CONSTRAINT entry_pkey CASCADE;"
        " ALTER TABLE entry DROP CONSTRAINT entry_body_id_key",
    ),
    Refused(52, APPLICATION, BODY, granted("UPDATE", "body")),
    Refused(
        52,
        ERASER,
        BODY,
        "GRANT UPDATE, SELECT ON body TO ledger_eraser; ALTER TABLE body DISABLE TRIGGER ALL",
    ),
]


def attempt(case: Refused) -> None:
    """Do the act on a connection of that role's."""
    if case.role == SUPERUSER:
        with superuser() as cursor:
            cursor.execute(case.act)
        return
    connected = connections["default" if case.role == APPLICATION else "erase"]
    connected.ensure_connection()
    with connected.connection.cursor() as cursor:
        cursor.execute(case.act)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_database_refuses(case: Refused, world: World) -> None:
    with pytest.raises((InsufficientPrivilege, UniqueViolation)):
        attempt(case)

    assert verify().status == "ok"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_mechanism_nobody_refuses(case: Refused, world: World) -> None:
    with superuser() as cursor:
        cursor.execute(case.guard)

    attempt(case)


def test_no_foreign_key_reaches_the_record_with_an_action(world: World) -> None:
    """Row 2: a cascade deletes rows without the privilege to delete them."""
    with superuser() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint c"
            " JOIN pg_class t ON t.oid = c.conrelid WHERE c.contype = 'f'"
            " AND t.relnamespace = 'ledger'::regnamespace"
            " AND (c.confdeltype <> 'a' OR c.confupdtype <> 'a')"
        )
        assert cursor.fetchall() == []
