"""Fixtures that every test may use."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

from tests import cluster


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Clone the migrated template instead of migrating: pytest-django asks for this first."""
    cluster.clone()


def _renew(_test: TransactionTestCase) -> None:
    connections.close_all()
    cluster.clone()


# A test that committed leaves a fresh clone: TRUNCATE, Django's way, is refused by the ledger.
TransactionTestCase._fixture_teardown = _renew  # type: ignore[method-assign]  # noqa: SLF001  its only door


@pytest.fixture
def superuser_cursor(transactional_db: None) -> Iterator[Any]:
    """Yield a superuser's cursor, autocommit, on the database that the code under test uses."""
    with closing(psycopg2.connect(os.environ["SUPERUSER_DATABASE_URL"])) as superuser:
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            yield cursor


@pytest.fixture
def seal_now(db: None) -> Callable[[], None]:
    """Return what fires the commit-time triggers inside a test that never commits."""

    def seal() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    return seal
