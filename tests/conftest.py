"""Fixtures that every test may use."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import TestCase, TransactionTestCase
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page, sync_playwright

from annotations import jobs
from ledger import rollback
from tests import browser as browsers
from tests import cluster

# A slow machine is no failure; where CI runs, the same examples are tried each time.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Clone the migrated template instead of migrating: pytest-django asks for this first."""
    cluster.clone()


def _renew(_test: TransactionTestCase) -> None:
    jobs.rest()  # a page may have woken the workers: they would meet the next test's database
    connections.close_all()
    cluster.clone()
    # what the signer remembers of the old database would say that the new one was set back
    shutil.rmtree(django_settings.SIGNER_DIR, ignore_errors=True)
    shutil.rmtree(django_settings.DATA_DIR / "anchors", ignore_errors=True)
    rollback.forget()


# A test that committed leaves a fresh clone: TRUNCATE, Django's way, is refused by the ledger.
TransactionTestCase._fixture_teardown = _renew  # type: ignore[attr-defined]  # noqa: SLF001  its only door

# A test that commits may connect by every role; what a rolled-back one wrote, no other sees.
TransactionTestCase.databases = {"default", "seal", "erase"}
TestCase.databases = {"default"}


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Yield a headless Chromium; skip, or fail where CI says so, when there is none."""
    executable = browsers.chromium()
    if not executable:
        pytest.skip(browsers.MISSING)
    # Playwright keeps an event loop in this thread; Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=executable, args=browsers.ARGUMENTS
        )
        yield launched
        launched.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Yield a page in a context of its own, 1440 wide, with UTC and no stored state."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, timezone_id="UTC", locale="en-GB"
    )
    yield context.new_page()
    context.close()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI runs, a test that was skipped is a failure: nobody would see it."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test whose name tells an address in memory: no two workers would agree on it."""
    strange = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if strange:
        raise pytest.UsageError(f"Give this test names that stay (ids=): {strange[0][:200]}")
