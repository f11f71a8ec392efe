"""Faults 16 and 19: the WAL cannot be flushed, or the power goes; what was flushed is there."""

import signal
from pathlib import Path

import pytest

from tests.faults import machine
from tests.faults.harness import Site, site
from tests.faults.telling import Case, long_run, times
from tests.faults.test_kill_database import acknowledged, wait_for
from tests.faults.tracing import traced
from tests.faults.writing import integrity_of, record_of

SUBMISSIONS = 45  # for each cycle
CYCLES = times("POWER_CYCLES", long=10, quick=1)
ACKNOWLEDGED = 8  # before flushing fails


def flushed(log: Path) -> int:
    """Return how far the WAL was flushed, at least, when something was acknowledged last."""
    places = [line.split()[2] for line in log.read_text().splitlines()]
    halves = [place.split("/") for place in places if place != "-"]
    return max((int(high, 16) << 32) + int(low, 16) for high, low in halves)


def cut(here: Site, place: int) -> int:
    """Overwrite with zeros what WAL a killed server has behind `place`.

    Returns how many bytes that were not zero are lost.
    """
    lost = 0
    for segment in sorted((here.server.cluster / "pg_wal").glob("[0-9A-F]" * 24)):
        content = segment.read_bytes()
        high, low = int(segment.name[8:16], 16), int(segment.name[16:], 16)
        keep = min(max(place - ((high << 32) + low * len(content)), 0), len(content))
        lost += len(content) - keep - content.count(0, keep)
        with segment.open("r+b") as file:
            file.seek(keep)
            file.write(bytes(len(content) - keep))
    return lost


def prepare(here: Site, cycles: int) -> None:
    made = here.run("-m", "tests.faults.submitter", "prepare", str(cycles * SUBMISSIONS))
    assert made.returncode == 0, made.stderr
    signed = here.run("manage.py", "sign_checkpoint")  # the record has something to be held to
    assert signed.returncode == 0, signed.stderr


def judge(here: Site, log: Path, case: Case, **more: object) -> None:
    """Raise unless what was acknowledged is there, exactly once, and every verdict is good."""
    acked = acknowledged(log)
    verdict, record = here.verify(), record_of(here)
    lost = [key for key in acked if len(record.get(key, [])) != 1]
    case.acked, case.lost = len(acked), len(lost)
    case.unknown = len(log.read_text().splitlines()) - len(acked)
    case.verify = integrity_of(verdict)
    case.tell(**more)
    assert lost == []
    assert all(len(places) == 1 for places in record.values())
    assert case.verify == "ok"
    assert verdict["reconciliation"]["entries_without_row"] == 0
    assert verdict["reconciliation"]["mismatched"] == 0
    assert {stream["completeness"] for stream in verdict["streams"]} == {"ok"}


def test_what_was_flushed_outlives_the_power(tmp_path: Path) -> None:
    with site() as here:
        prepare(here, CYCLES)
        for cycle in range(CYCLES):
            case, log = Case(19, seed=cycle), tmp_path / f"{cycle}"
            people = here.begin("-m", "tests.faults.submitter", "submit", str(log))
            wait_for(log, 5 + (cycle * 13) % 30, people)
            here.kill_database()
            people.communicate(timeout=machine.PATIENCE)  # whoever had an answer tells it
            gone = cut(here, flushed(log))
            here.server.start()
            judge(here, log, case, wal_bytes_lost=gone)


@long_run
@pytest.mark.parametrize("power", ["stays", "goes"])
def test_a_flush_that_fails_stops_the_server_not_the_record(tmp_path: Path, power: str) -> None:
    case, log = Case(16), tmp_path / "log"
    failing = "inject=fdatasync:error=EIO:when=1"
    fail = ("-f", "-e", "trace=fdatasync", "-e", failing, "-o", "/dev/null")
    with site() as here:
        prepare(here, 1)
        people = here.begin("-m", "tests.faults.submitter", "submit", str(log))
        wait_for(log, ACKNOWLEDGED, people)
        with traced(machine.processes(here), *fail, folder=tmp_path) as tracer:
            said = here.server.log
            machine.wait_until(lambda: "PANIC" in said.read_text(errors="replace"), "PANIC")
            tracer.send_signal(signal.SIGINT)
            if power == "goes":
                here.kill_database()
        people.communicate(timeout=machine.PATIENCE)
        if power == "goes":
            cut(here, flushed(log))
            here.server.start()
        judge(here, log, case, power=power)
        assert case.acked >= ACKNOWLEDGED
