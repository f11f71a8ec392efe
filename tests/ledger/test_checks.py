"""The system checks: where the record would not be safe, nothing starts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from ledger import checks

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def connected_as(variable: str) -> Iterator[None]:
    """Let the application connect by another address meanwhile."""
    from urllib.parse import unquote, urlsplit

    address = urlsplit(os.environ[variable])
    mine = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(
        USER=address.username, PASSWORD=unquote(address.password or "")
    )
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(mine)


def ids() -> list[str | None]:
    return [message.id for message in checks.check_database()]


def test_the_application_role_on_a_guarded_database_passes() -> None:
    assert ids() == []
    checks.require_safe_database()


@pytest.mark.parametrize("variable", ["SUPERUSER_DATABASE_URL", "MIGRATE_DATABASE_URL"])
def test_an_owner_or_superuser_is_refused(variable: str) -> None:
    with connected_as(variable):
        assert ids() == ["ledger.E002"]
        with pytest.raises(ImproperlyConfigured, match="who could rewrite the record"):
            checks.require_safe_database()


def test_a_database_that_forgets_is_refused_outside_the_tests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(checks.TEST_CLUSTER)  # the throw-away cluster does not wait for the disk

    assert ids() == ["ledger.E003"] * 3


def test_a_role_for_which_the_database_forgets_is_named(
    superuser_cursor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(checks.TEST_CLUSTER)
    place = f"ROLE ledger_seal IN DATABASE {connection.settings_dict['NAME']}"
    superuser_cursor.execute(f"ALTER {place} SET synchronous_commit = no")

    (found,) = [e for e in checks.check_database() if place in e.msg]

    assert "synchronous_commit off" in found.msg
    assert f"ALTER {place} RESET synchronous_commit" in str(found.hint)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE ledger.entry DISABLE TRIGGER deny_row",
        "ALTER TABLE ledger.entry ENABLE TRIGGER deny_row",
        "DROP TRIGGER link_at_commit ON ledger.body",
    ],
)
def test_a_missing_guard_is_refused(superuser_cursor: Any, statement: str) -> None:
    superuser_cursor.execute(statement)

    assert ids() == ["ledger.E004"]


def test_psycopg_3_is_not_installed() -> None:
    assert checks.check_driver() == []
