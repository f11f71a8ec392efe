"""Fault 42: one submission arrives fifty times at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from tests.faults.harness import site
from tests.faults.serving import served
from tests.faults.telling import Case, long_run, times
from tests.faults.writing import (
    Reading,
    bodies_of,
    integrity_of,
    record_of,
    sealed_of,
    writers,
)
from tests.load.client import Person

REQUESTS = 50
ROUNDS = times("SAME_KEY_ROUNDS", long=10, quick=1)


def at_once(port: int, cookies: dict[str, str], reading: Reading) -> list[tuple[int, Any]]:
    """Send the same request over REQUESTS connections at the same moment."""
    together = threading.Barrier(REQUESTS)

    def send(_: int) -> tuple[int, Any]:
        person = Person(port)
        person.cookies = dict(cookies)
        with closing(person.connection):
            person.connection.connect()
            together.wait(60)
            return person.send("POST", reading.path, reading.content)

    with ThreadPoolExecutor(REQUESTS) as pool:
        return list(pool.map(send, range(REQUESTS)))


def receipt(answer: dict[str, Any]) -> str:
    """Return what everybody must be told; the position is known once the entry is linked."""
    told = [{k: v for k, v in each.items() if k != "seq"} for each in answer["revisions"]]
    return str((answer["version"], answer["state"], told))


@long_run
def test_fifty_times_the_same_submission_is_one_entry_and_one_receipt() -> None:
    case = Case(row=42)
    with site() as here:
        (writer,) = writers(here, 1, ROUNDS)
        with served(here) as (port, _), writer.at_work(port):
            for reading in writer.readings:
                answers = at_once(port, writer.person.cookies, reading)

                assert {status for status, _ in answers} == {201}
                assert len({receipt(answer) for _, answer in answers}) == 1
                (revision,) = answers[0][1]["revisions"]
                assert sealed_of(here, reading) == [revision["content_hash"]]
        record, case.verify = record_of(here), integrity_of(here.verify())
        told = [body["event"] for _, body in bodies_of(here)]
    case.acked = REQUESTS * ROUNDS
    case.lost = sum(len(record.get(r.item, [])) != 1 for r in writer.readings)
    case.tell(rounds=ROUNDS, entries=told.count("workflow.transition"))
    assert case.lost == 0
    assert told.count("workflow.transition") == ROUNDS
    assert "workflow.transition_refused" not in told
    assert case.verify == "ok"
