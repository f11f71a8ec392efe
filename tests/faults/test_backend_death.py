"""Fault 2: one of the database's processes is killed while four people hand in readings."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.faults.harness import Site, site
from tests.faults.serving import served
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import PATIENCE, Writer, integrity_of, record_of, writers

PEOPLE = 4
READINGS = times("READINGS_EACH", long=100, quick=20)
KILLS = times("BACKEND_KILLS", long=5, quick=1)


class Log:
    """What was acknowledged, and when it was asked and answered (seconds, monotonic)."""

    def __init__(self) -> None:
        self.acked: list[tuple[float, float, str]] = []
        self.changed = threading.Condition()

    def hand_in_all(self, writer: Writer) -> None:
        for reading in writer.readings:
            deadline = time.monotonic() + PATIENCE
            while True:
                assert time.monotonic() < deadline, writer.told
                asked = time.monotonic()
                if writer.hand_in(reading) is not None:
                    break
                time.sleep(0.1)
            with self.changed:
                self.acked.append((asked, time.monotonic(), reading.item))
                self.changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acked) >= count, 120)

    def pause_after(self, moment: float) -> float:
        """Return the seconds from `moment` to the first answer to a question after it."""
        return min(answered for asked, answered, _ in self.acked if asked > moment) - moment


def kill_backend(here: Site) -> float:
    """SIGKILL one connection of the application; return when (seconds, monotonic)."""
    with here.superuser() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'ledger_app'"
            " ORDER BY state = 'active' DESC, backend_start DESC LIMIT 1"
        )
        (pid,) = cursor.fetchone()
        os.kill(pid, signal.SIGKILL)
    return time.monotonic()


@long_run
def test_the_death_of_a_backend_loses_nothing_and_work_goes_on() -> None:
    case, log = Case(row=2), Log()
    with site() as here:
        people = writers(here, PEOPLE, READINGS)
        with served(here) as (port, _), ExitStack() as stack:
            for writer in people:
                stack.enter_context(writer.at_work(port))
            with ThreadPoolExecutor(PEOPLE) as pool:
                done = [pool.submit(log.hand_in_all, writer) for writer in people]
                moments = []
                for kill in range(KILLS):
                    log.wait_for((kill + 1) * PEOPLE * READINGS // (KILLS + 2))
                    moments.append(kill_backend(here))
            for each in done:
                each.result()
        record, case.verify = record_of(here), integrity_of(here.verify())
    pauses = [round(log.pause_after(moment), 2) for moment in moments]
    case.acked, case.unknown = len(log.acked), sum(writer.unknown for writer in people)
    case.lost = sum(len(record.get(item, [])) != 1 for *_, item in log.acked)
    case.tell(kills=KILLS, reconnected_after=max(pauses), goal_seconds=5)
    assert case.unknown > 0
    assert case.lost == 0
    assert len(record) == case.acked == PEOPLE * READINGS
    assert case.verify == "ok"
