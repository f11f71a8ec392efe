"""The embedded PostgreSQL and the database that tests work in."""

import importlib.util

import pytest
from django.db import connection


def test_psycopg_3_is_not_installed() -> None:
    # Django would silently stop using psycopg2.
    assert importlib.util.find_spec("psycopg") is None


@pytest.mark.django_db
def test_code_under_test_connects_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")

        assert cursor.fetchone() == ("ledger_app",)
