"""The roles in PostgreSQL: who may append, seal, erase and migrate."""

from collections.abc import Mapping
from typing import Protocol


class Cursor(Protocol):
    def execute(self, query: str, parameters: list[str] | None = None, /) -> object: ...
    def fetchone(self) -> tuple[object, ...] | None: ...


def create_database_roles(cursor: Cursor, passwords: Mapping[str, str]) -> None:
    """Make the ledger's roles with their privileges in the connected database, as superuser.

    `passwords` names the roles that log in.  Running it again changes only passwords.
    """
    _make(cursor, "ledger_owner", "NOLOGIN")
    for role, password in passwords.items():
        _make(cursor, role, "LOGIN")
        cursor.execute(f'ALTER ROLE "{role}" PASSWORD %s', [password])
    cursor.execute("GRANT ledger_owner TO ledger_migrate")
    cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    cursor.execute("GRANT USAGE, CREATE ON SCHEMA public TO ledger_migrate")
    cursor.execute("GRANT USAGE ON SCHEMA public TO ledger_app, ledger_seal, ledger_eraser")
    cursor.execute("CREATE SCHEMA IF NOT EXISTS ledger AUTHORIZATION ledger_owner")
    for what, granted in (
        ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
        ("USAGE, SELECT", "SEQUENCES"),
    ):
        cursor.execute(
            "ALTER DEFAULT PRIVILEGES FOR ROLE ledger_migrate IN SCHEMA public"
            f" GRANT {what} ON {granted} TO ledger_app"
        )


def _make(cursor: Cursor, role: str, kind: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if not cursor.fetchone():
        cursor.execute(f'CREATE ROLE "{role}" {kind}')
