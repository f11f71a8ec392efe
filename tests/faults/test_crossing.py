"""Fault 39: PostgreSQL undoes a submission because it met another; nobody notices."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import psycopg2
import pytest

from tests.faults.harness import Site, site
from tests.faults.serving import Changed, served
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import Reading, integrity_of, record_of, sealed_of, writers

ROUNDS = times("CROSSINGS", long=10, quick=1)
STRICT = "options=-c%20default_transaction_isolation%3Drepeatable%5C%20read"
Crossing = Callable[[Site, Reading, Callable[[], Any]], Any]


@contextmanager
def transaction(here: Site) -> Iterator[Any]:
    """Yield a superuser's cursor in a transaction that no deadlock ends."""
    url = here.environment["SUPERUSER_DATABASE_URL"]
    with closing(psycopg2.connect(url)) as other, other, other.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '10min'")
        yield cursor


def wait_for_lock(here: Site) -> None:
    """Wait until the application waits for somebody's lock."""
    with here.superuser() as cursor:
        end = time.monotonic() + 30
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE usename = 'ledger_app' AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < end, "nobody waits"
            time.sleep(0.02)


def deadlock(here: Site, reading: Reading, hand_in: Callable[[], Any]) -> Any:
    """Hold what the submission needs second, and want what it has first (40P01)."""
    with ThreadPoolExecutor(1) as pool, transaction(here) as cursor:
        cursor.execute(
            "SELECT FROM annotations_draft WHERE item_id = %s FOR UPDATE", [reading.item]
        )
        answer = pool.submit(hand_in)
        wait_for_lock(here)
        cursor.execute("SELECT FROM annotations_item WHERE id = %s FOR UPDATE", [reading.item])
        cursor.connection.commit()
        return answer.result()


def overtake(here: Site, reading: Reading, hand_in: Callable[[], Any]) -> Any:
    """Change a row that the submission, reading repeatably, is about to delete (40001)."""
    with ThreadPoolExecutor(1) as pool, transaction(here) as cursor:
        cursor.execute(
            "UPDATE annotations_draft SET saved_at = saved_at WHERE item_id = %s",
            [reading.item],
        )
        answer = pool.submit(hand_in)
        wait_for_lock(here)
        cursor.connection.commit()
        return answer.result()


def undone(here: Site) -> list[int]:
    """Return how many deadlocks and how many rolled back transactions were counted."""
    with here.superuser() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT deadlocks, xact_rollback FROM pg_stat_database"
            " WHERE datname = current_database()"
        )
        return list(cursor.fetchone())


@long_run
@pytest.mark.parametrize("crossing", [deadlock, overtake], ids=["40P01", "40001"])
def test_a_submission_that_was_undone_is_done_again(crossing: Crossing) -> None:
    case = Case(row=39)
    with site() as here:
        (writer,) = writers(here, 1, ROUNDS)
        changes = {"LEDGER_JOBS": "0"}
        if crossing is overtake:
            url = here.environment["DATABASE_URL"]
            changes["DATABASE_URL"] = f"{url}&{STRICT}"
        with served(Changed(here.folder, changes)) as (port, _), writer.at_work(port):
            before = undone(here)
            for reading in writer.readings:
                draft: dict[str, Any] = {"annotations": [], "viewed": None}
                path = reading.path.replace("submit", "draft")
                assert writer.person.send("PUT", path, draft)[0] == 200

                answer = crossing(here, reading, partial(writer.hand_in, reading))

                assert answer is not None
                sealed = [r["content_hash"] for r in answer["revisions"]]
                assert sealed_of(here, reading) == sealed
            after = undone(here)
        record, case.verify = record_of(here), integrity_of(here.verify())
    case.acked, case.unknown = ROUNDS, writer.unknown
    case.lost = sum(len(record.get(r.item, [])) != 1 for r in writer.readings)
    case.tell(deadlocks=after[0] - before[0], undone=after[1] - before[1])
    assert case.lost == case.unknown == 0
    assert len(record) == ROUNDS
    assert case.verify == "ok"
