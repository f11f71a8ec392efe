"""Fault 26: the clock goes 30 days back; positions decide the order, and that is on record."""

from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.faults import machine
from tests.faults.harness import Site, site
from tests.faults.serving import Changed
from tests.faults.telling import Case, long_run
from tests.faults.test_kill_database import acknowledged
from tests.faults.writing import bodies_of, integrity_of, record_of

SUBMISSIONS = 5
BACK = "-30d"
DAYS_US = 30 * 86_400 * 1_000_000
_TIMES = "SELECT array_agg(sealed_us ORDER BY seq) FROM ledger.entry GROUP BY stream"


def submit(here: Site, log: Path) -> list[str]:
    """Hand in some readings; return their keys as they were acknowledged."""
    done = here.run("-m", "tests.faults.submitter", "submit", str(log), str(SUBMISSIONS))
    assert done.returncode == 0, done.stderr
    return acknowledged(log)


def times_of(here: Site) -> list[list[int]]:
    """Return the sealing times of each stream in the order of its positions."""
    with closing(psycopg2.connect(here.environment["DATABASE_URL"])) as connection:
        cursor = connection.cursor()
        cursor.execute(_TIMES)
        return [times for (times,) in cursor.fetchall()]


@long_run
@pytest.mark.parametrize("whose", ["the database's", "the whole machine's"])
def test_a_clock_set_back_changes_no_order_and_is_on_record(tmp_path: Path, whose: str) -> None:
    case = Case(26)
    with site() as here:
        made = here.run("-m", "tests.faults.submitter", "prepare", str(3 * SUBMISSIONS))
        assert made.returncode == 0, made.stderr
        before = submit(here, tmp_path / "before")
        assert here.run("manage.py", "sign_checkpoint").returncode == 0
        here.server.stop()
        machine.start_at(here, BACK)
        there = Changed(here.folder, machine.clock_at(BACK)) if "whole" in whose else here
        meanwhile = submit(there, tmp_path / "meanwhile")
        assert there.run("manage.py", "sign_checkpoint").returncode == 0
        here.server.stop()
        here.server.start()
        after = submit(here, tmp_path / "after")
        verdict, times, record = here.verify(), times_of(here), record_of(here)
        said = [body for _, body in bodies_of(here) if body["event"] == "clock.drift_detected"]

    codes = {finding["code"] for stream in verdict["streams"] for finding in stream["findings"]}
    lost = [key for key in (*before, *meanwhile, *after) if len(record.get(key, [])) != 1]
    case.acked, case.lost = 3 * SUBMISSIONS, len(lost)
    case.verify = integrity_of(verdict)
    case.tell(clock=whose, flagged=len(said), notes=sorted(codes))
    assert [len(keys) for keys in (before, meanwhile, after)] == [SUBMISSIONS] * 3
    assert lost == []
    assert all(each == sorted(each) for each in times)
    assert said
    assert abs(said[0]["payload"]["microseconds"] - DAYS_US) < DAYS_US / 30
    assert case.verify == "ok"
    assert {stream["completeness"] for stream in verdict["streams"]} == {"ok"}
    assert ("N906" in codes) == ("whole" in whose)
