"""People are not deleted and names not given again: the database refuses (rows 31, 32)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from psycopg2.errors import ForeignKeyViolation, UniqueViolation

from ledger.verify import verify
from tests.tamper.world import World, superuser

SIGNER = "(SELECT signer_id FROM annotations_signature LIMIT 1)"
DELETED = f"DELETE FROM accounts_user WHERE id = {SIGNER}"
NO_KEYS = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'accounts_user'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.place, each.conname);
    END LOOP;
END $$
"""
NAMES_REPEAT = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT conname FROM pg_constraint
        WHERE contype = 'u' AND conrelid = 'accounts_user'::regclass LOOP
        EXECUTE format('ALTER TABLE accounts_user DROP CONSTRAINT %I', each.conname);
    END LOOP;
END $$
"""


def by_the_application(statement: str) -> None:
    connected = connections["default"]
    connected.ensure_connection()
    with connected.connection.cursor() as cursor:
        cursor.execute(statement)


def name_given_again() -> str:
    """Return what gives a new account the name of the person who signed."""
    with superuser() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'accounts_user' ORDER BY ordinal_position"
        )
        columns = [name for (name,) in cursor.fetchall()]
    taken = ", ".join("gen_random_uuid()" if name == "id" else name for name in columns)
    return (
        f"INSERT INTO accounts_user ({', '.join(columns)})"
        f" SELECT {taken} FROM accounts_user WHERE id = {SIGNER}"
    )


@pytest.mark.parametrize("act", ["deleted", "given again"])
def test_the_database_refuses(act: str, world: World) -> None:
    statement = DELETED if act == "deleted" else name_given_again()

    with pytest.raises((ForeignKeyViolation, UniqueViolation)):
        by_the_application(statement)

    assert verify().status == "ok"


@pytest.mark.parametrize(
    ("act", "guard"), [("deleted", NO_KEYS), ("given again", NAMES_REPEAT)]
)
def test_without_its_mechanism_the_record_still_notices(
    act: str, guard: str, world: World
) -> None:
    statement: Any = DELETED if act == "deleted" else name_given_again()
    with superuser() as cursor:
        cursor.execute(guard)

    by_the_application(statement)

    assert not verify().reconciliation.agrees
