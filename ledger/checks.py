"""System checks: the record is only worth something if the database underneath keeps it."""

import os
from importlib.util import find_spec
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
TEST_CLUSTER = "TEST_CLUSTER"  # set by the test run alone, whose database is thrown away
GUARDS = {
    "body": {"body_check", "link_at_commit", "deny_row", "deny_truncate"},
    "entry": {"deny_row", "deny_truncate"},
    "stream": {"deny_row", "deny_truncate"},
    "tile": {"deny_row", "deny_truncate"},
    "checkpoint": {"deny_row", "deny_truncate"},
    "anchor": {"deny_row", "deny_truncate"},
}

_ROLE = """
SELECT current_user, rolsuper, EXISTS (
    SELECT FROM pg_roles o WHERE o.rolname = 'ledger_owner'
    AND pg_has_role(r.oid, o.oid, 'MEMBER'))
FROM pg_roles r WHERE rolname = current_user
"""
# What is off for us now, or will be for a role of ours that connects here, and where it is set.
_OFF = r"""
WITH off AS (
    SELECT split_part(said, '=', 1) AS name,
           concat_ws(' ', 'ROLE ' || quote_ident(r.rolname),
               (CASE WHEN r.rolname IS NULL THEN '' ELSE 'IN ' END)
               || 'DATABASE ' || quote_ident(d.datname)) AS place
    FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) said
    LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
    WHERE (s.setrole = 0 OR r.rolname LIKE 'ledger\_%%')
      AND (s.setdatabase = 0 OR d.datname = current_database())
      AND lower(split_part(said, '=', 2)) IN ('off', 'false', 'no', '0')
)
SELECT name, place FROM off WHERE name = ANY (%(names)s)
UNION ALL
SELECT name, NULL FROM unnest(%(names)s) name
WHERE current_setting(name) = 'off' AND name NOT IN (SELECT name FROM off)
ORDER BY 1, 2
"""
# From the catalogue: before the first migration we may not look inside.
_TABLES = """
SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE n.nspname = 'ledger'
"""
_ALWAYS = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'ledger' AND t.tgenabled = 'A'
"""


@register
def check_driver(**kwargs: Any) -> list[CheckMessage]:
    """Django prefers psycopg 3 wherever it is installed; append needs psycopg2's notices."""
    if find_spec("psycopg") is None:
        return []
    return [
        Error(
            "psycopg 3 is installed, and Django would use it instead of psycopg2.",
            hint="Uninstall the package psycopg.",
            id="ledger.E001",
        )
    ]


@register
def check_database(**kwargs: Any) -> list[CheckMessage]:
    """Judge the database as the application sees it; one that does not answer is not judged."""
    try:
        return [*_role_errors(), *_durability_errors(), *_guard_errors()]
    except OperationalError:
        return []  # whatever needs the database says so itself


def require_safe_database() -> None:
    """Raise ImproperlyConfigured unless the record is safe here: called before serving."""
    errors = [*check_driver(), *_role_errors(), *_durability_errors(), *_guard_errors()]
    connection.close()
    if errors:
        raise ImproperlyConfigured(" ".join(f"{error.msg} {error.hint}" for error in errors))


def _role_errors() -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        role, superuser, owner = cursor.fetchone()
    if not superuser and not owner:
        return []
    what = "a superuser" if superuser else "a member of ledger_owner"
    return [
        Error(
            f"The application connects as {role}, {what}, who could rewrite the record.",
            hint="Let DATABASE_URL name ledger_app; manage.py create_database_roles makes it.",
            id="ledger.E002",
        )
    ]


def _durability_errors() -> list[CheckMessage]:
    if os.environ.get(TEST_CLUSTER):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OFF, {"names": list(DURABLE)})
        return [_is_off(name, place) for name, place in cursor.fetchall()]


def _is_off(name: str, place: str | None) -> CheckMessage:
    """Say that a setting is off, where it was set off and how to set it on."""
    where = f" for {place}" if place else ""
    mend = f"ALTER {place} RESET {name}" if place else f"ALTER SYSTEM SET {name} = on"
    return Error(
        f"PostgreSQL runs with {name} off{where}: what was acknowledged could be lost.",
        hint=f"As a superuser: {mend}; then SELECT pg_reload_conf().",
        id="ledger.E003",
    )


def _guard_errors() -> list[CheckMessage]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        there = {row[0] for row in cursor.fetchall()}  # before a migration, some are not yet
        cursor.execute(_ALWAYS)
        always = set(cursor.fetchall())
    return [
        Error(
            f"The guard {guard} of ledger.{table} is missing or is not ENABLE ALWAYS.",
            hint="Find out who changed it, run verify_ledger, then restore it as ledger_owner.",
            id="ledger.E004",
        )
        for table, guards in GUARDS.items()
        for guard in sorted(guards)
        if table in there and (table, guard) not in always
    ]
