"""Fault 13: the database's disk is full, then grows: 503 meanwhile, and nothing is lost."""

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import NamedTuple

from psycopg2 import Error

from tests.faults import machine
from tests.faults.harness import Site, site
from tests.faults.serving import served
from tests.faults.telling import Case, long_run
from tests.faults.writing import Reading, Writer, integrity_of, record_of, writers
from tests.load.client import Person

READINGS = 60
SMALL, LARGE = "300m", "600m"
PAGE = "The database cannot work now"


class Answer(NamedTuple):
    status: int
    content: bytes


@contextmanager
def connected(port: int, writer: Writer) -> Iterator[Person]:
    """Yield somebody signed in, on a connection of their own."""
    person = Person(port)
    person.cookies = writer.person.cookies
    with closing(person.connection):
        yield person


def ask(port: int, writer: Writer, path: str) -> Answer:
    """Ask for a page."""
    with connected(port, writer) as person:
        return Answer(*person.ask("GET", path))


def hand_in_until_full(port: int, writer: Writer) -> tuple[list[Reading], list[int]]:
    """Hand in until three were refused; return what was acknowledged, and the answers."""
    acked, answers = [], []
    for reading in writer.readings:
        with connected(port, writer) as person:
            status, answer = person.send("POST", reading.path, reading.content)
        answers.append(status)
        if status == http.client.CREATED:
            acked.append(reading)
        else:
            assert answer["code"] == "unavailable"
        if answers.count(http.client.SERVICE_UNAVAILABLE) == 3:
            break
    return acked, answers


def end_of_wal(here: Site) -> None:
    """Have PostgreSQL begin a new WAL segment, for which there is no room: it gives up."""
    try:
        with here.superuser() as cursor:
            for _ in range(20):
                cursor.execute(
                    "SELECT pg_logical_emit_message(false, 'room', repeat('x', 1000000))"
                )
                cursor.execute("SELECT pg_switch_wal()")
    except Error:
        pass
    machine.wait_until(lambda: "PANIC" in here.server.log.read_text(errors="replace"), "PANIC")


@long_run
def test_a_full_disk_refuses_and_forgets_nothing() -> None:
    case = Case(13)
    with site(partial(machine.small_disk, size=SMALL)) as here:
        (writer,) = writers(here, 1, READINGS)
        with served(here) as (port, _), writer.at_work(port):
            first = writer.insist(writer.readings.pop())
            machine.fill(here.server.folder)
            acked, answers = hand_in_until_full(port, writer)
            page = ask(port, writer, "/account/")
            end_of_wal(here)
            down = [ask(port, writer, path) for path in ("/", "/api/schema/", "/health/")]
            stopped = writer.hand_in(writer.readings[-1])

            machine.grow(here.server.folder, size=LARGE)
            if not here.server.is_running():
                here.server.start()
            late = writer.insist(writer.readings[-1])
        record, verdict = record_of(here), here.verify()

    lost = [reading for reading in acked if len(record.get(reading.item, [])) != 1]
    case.acked, case.lost, case.unknown = len(acked) + 2, len(lost), writer.unknown
    case.verify = integrity_of(verdict)
    case.tell(answers=sorted(set(answers)), page=page.status, down=[a.status for a in down])
    assert first
    assert late
    assert stopped is None
    assert set(answers) <= {201, 503}
    assert answers.count(503) == 3
    assert lost == []
    assert all(len(places) == 1 for places in record.values())
    assert [answer.status for answer in down] == [503, 503, 503]
    assert PAGE in down[0].content.decode()
    assert case.verify == "ok"
