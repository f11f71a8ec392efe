"""update_database: what a migration changed is on record, what somebody else did is not."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from config import postgres
from tests import cluster
from tests.ledger.management.commands.test_verify_ledger import python, run

pytestmark = pytest.mark.django_db(transaction=True)
EARLIER = f"test_earlier_{cluster.WORKER}"
# What the first release did at its set-up, when there was no ledger.append_findable to call.
RECORD_GUARDS = """
import django
django.setup()
from ledger import chain, guards
chain._APPEND = '''
WITH written AS (
    INSERT INTO ledger.body (stream, salt, body)
    SELECT ledger.open_stream(%s), %s, %s RETURNING id, stream
)
INSERT INTO ledger_indexedentry
    (body_id, stream_id, event, actor, subject, at, session, device)
SELECT id, stream, %s, %s, %s, %s, %s, %s FROM written RETURNING body_id
'''
guards.record(by="system:tests", reason="As they were set up.")
"""


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Aim the environment at a database of the first release; yield its superuser's cursor."""
    folder = Path(os.environ["TEST_CLUSTER"])
    server, passwords = cluster._server(folder), postgres.passwords_of(folder)  # noqa: SLF001
    postgres.provision(server, passwords, EARLIER)
    for name, url in postgres.urls_of(server, passwords, EARLIER).items():
        monkeypatch.setenv(name, url)
    done = run("migrate", "--database=migrate", "--skip-checks", "ledger", "0002")
    assert done.returncode == 0, done.stderr
    recorded = python("-c", RECORD_GUARDS)
    assert recorded.returncode == 0, recorded.stderr
    with closing(psycopg2.connect(os.environ["SUPERUSER_DATABASE_URL"])) as superuser:
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            yield cursor
    admin = postgres.urls_of(server, passwords, "postgres")["SUPERUSER_DATABASE_URL"]
    with closing(psycopg2.connect(admin)) as superuser:
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {EARLIER} WITH (FORCE)")


def test_an_installation_of_the_first_release_is_migrated_and_says_so(earlier: Any) -> None:
    first, second = run("update_database"), run("update_database")

    assert (first.returncode, second.returncode, second.stdout) == (0, 0, ""), first.stderr
    assert "entry #1 of localhost/ledger/org" in first.stdout
    earlier.execute("SELECT convert_from(body, 'UTF8') FROM ledger.body ORDER BY id OFFSET 1")
    (guards,), (events,) = earlier.fetchall()
    assert '"reason":"Migrated: ' in guards
    assert "ledger.0003_tree" in guards
    assert '"event":"ledger.events_catalogued"' in events
    assert "L901" not in run("verify_ledger").stdout


def test_guards_that_somebody_changed_stop_the_migration(earlier: Any) -> None:
    earlier.execute("ALTER TABLE ledger.entry DISABLE TRIGGER deny_row")

    refused = run("update_database")

    assert refused.returncode == 1
    assert "trigger entry.deny_row" in refused.stderr
    earlier.execute("SELECT count(*), to_regclass('ledger.tile') FROM ledger.entry")
    assert earlier.fetchone() == (1, None)


def test_the_first_fingerprint_is_recorded_at_set_up() -> None:
    first, second = run("update_database"), run("update_database")

    assert "entry #0 of localhost/ledger/org" in first.stdout
    assert (second.returncode, second.stdout) == (0, "")
