"""Fault 1: the database server is killed while 200 submissions are under way."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.harness import site
from tests.faults.telling import Case, times
from tests.faults.writing import record_of

SUBMISSIONS = 200
CYCLES = times("FAULT_CYCLES", long=20, quick=1)
PATIENCE = 60.0  # seconds until the first acknowledgements, on a slow machine


def acknowledged(log: Path) -> list[str]:
    if not log.exists():
        return []
    words = (line.split() for line in log.read_text().splitlines())
    return [key for word, key, _ in words if word == "acked"]


def wait_for(log: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(acknowledged(log)) < count:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "nothing was acknowledged in time"
        time.sleep(0.01)


@pytest.mark.parametrize("cycle", range(CYCLES))
def test_acknowledged_submissions_survive_the_death_of_the_database(
    cycle: int, tmp_path: Path
) -> None:
    log = tmp_path / "acknowledged"
    case = Case(row=1, seed=cycle)
    with site() as here:
        made = here.run("-m", "tests.faults.submitter", "prepare", str(SUBMISSIONS))
        assert made.returncode == 0, made.stderr
        before = here.verify()["reconciliation"]  # the images are rows that no import recorded
        people = here.begin("-m", "tests.faults.submitter", "submit", str(log))

        wait_for(log, 20 + (cycle * 37) % 150, people)
        here.kill_database()
        people.communicate(timeout=PATIENCE)
        here.server.start()

        # what committed beside another's lock was durable and waited for its link: verifying,
        # like any start of the server, links it first
        acked, verdict, record = acknowledged(log), here.verify(), record_of(here)
        again = here.run("-m", "tests.faults.submitter", "submit", str(log))
        after, verdict_after = record_of(here), here.verify()

    lost = [key for key in acked if len(record.get(key, [])) != 1]
    integrity = {stream["integrity"] for stream in verdict["streams"]}
    assert 0 < len(acked) < SUBMISSIONS
    assert lost == []
    assert all(len(places) == 1 for places in record.values())
    assert integrity == {"ok"}
    assert verdict["reconciliation"] == before
    assert again.returncode == 0, again.stderr
    assert len(after) == SUBMISSIONS
    assert {s["integrity"] for s in verdict_after["streams"]} == {"ok"}
    case.acked, case.lost, case.unknown = len(acked), len(lost), SUBMISSIONS - len(acked)
    case.verify = ", ".join(sorted(integrity))
    case.tell()
