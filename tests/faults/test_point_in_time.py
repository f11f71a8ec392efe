"""Fault 45: the database is restored to an earlier point; the record is held, then goes on."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from ledger.rollback import LOOK_SECONDS
from tests.factories import PASSWORD
from tests.faults import machine
from tests.faults.harness import Site, site
from tests.faults.serving import served
from tests.faults.telling import Case, long_run
from tests.faults.writing import Reading, Writer, integrity_of, record_of, writers
from tests.load.client import Person

PEOPLE = ("one@example.org", "two@example.org")
_MAKE_PEOPLE = f"""
import django
django.setup()
from tests.factories import make_user
for email in {PEOPLE}:
    make_user(role="administrator", email=email, printed_name=email)
"""
KEPT, LOST = 2, 3  # readings handed in before the point that is restored, and after it


class Backup:
    """A base backup, and every WAL segment since."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.wal = machine.own(here, here.folder / "postgres" / "wal")
        self.base = here.folder / "postgres" / "base"
        here.server.stop()
        with (here.server.cluster / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"archive_mode = on\narchive_command = 'cp %p {self.wal}/%f'\n")
        here.server.start()
        machine.program(here, "pg_basebackup", "-D", str(self.base), "-c", "fast")

    def restore(self, lsn: str) -> None:
        """Stop the server and begin again where the record was at `lsn`."""
        with self.here.superuser() as cursor:
            cursor.execute("SELECT pg_switch_wal()")
        self.here.server.stop()  # which archives what there is
        self.here.server.cluster.rename(self.here.folder / "postgres" / "before")
        self.base.rename(self.here.server.cluster)
        (self.here.server.cluster / "recovery.signal").touch()
        with (self.here.server.cluster / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"archive_mode = off\nrestore_command = 'cp {self.wal}/%f %p'\n"
                f"recovery_target_lsn = '{lsn}'\nrecovery_target_action = 'promote'\n"
            )
        machine.own(self.here, self.here.server.cluster)
        self.here.server.start()
        machine.wait_until(self._is_promoted, "the end of recovery")

    def _is_promoted(self) -> bool:
        with self.here.superuser() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            return not cursor.fetchone()[0]


def place(here: Site) -> str:
    """Return how far the WAL is flushed, as PostgreSQL writes it."""
    with here.superuser() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
        return str(cursor.fetchone()[0])


@contextmanager
def signed_in(port: int, writer: Writer) -> Iterator[Person]:
    """Yield somebody who goes on with the session of before, on a new connection."""
    person = Person(port)
    person.cookies = writer.person.cookies
    with closing(person.connection):
        yield person


def send(port: int, writer: Writer, reading: Reading) -> tuple[int, Any]:
    with signed_in(port, writer) as person:
        return person.send("POST", reading.path, reading.content)


def sizes_of(verdict: dict[str, Any]) -> dict[str, int]:
    return {stream["origin"]: stream["size"] for stream in verdict["streams"]}


def hand_in(here: Site, backup: Backup, writer: Writer) -> dict[str, int]:
    """Hand in and sign some, restore the point before the others; return the sizes signed."""
    with served(here) as (port, _), writer.at_work(port):
        for reading in writer.readings[:KEPT]:
            assert writer.hand_in(reading)
        lsn = place(here)
        for reading in writer.readings[KEPT:-1]:
            assert writer.hand_in(reading)
    signed = here.run("manage.py", "sign_checkpoint")
    assert signed.returncode == 0, signed.stderr
    sizes = sizes_of(here.verify())
    backup.restore(lsn)
    return sizes


def declare(here: Site) -> tuple[int, str]:
    """Declare the recovery in the names of two people; return exit code and what it says."""
    names = ("--by", PEOPLE[0], "--approved-by", PEOPLE[1])
    process = here.begin("manage.py", "recover_record", "--reason", "The disk died.", *names)
    said, complaint = process.communicate(f"{PASSWORD}\n{PASSWORD}\n")
    return process.returncode, said or complaint


def look_while_held(here: Site, port: int, writer: Writer) -> None:
    """Raise unless nobody writes, everybody reads, and the loss is named."""
    next_one = writer.readings[-1]
    refused, why = send(port, writer, next_one)
    with signed_in(port, writer) as person:
        shown, page = person.ask("GET", f"/api/items/{next_one.item}/")
    verified = here.run("manage.py", "verify_ledger")
    unsigned = here.run("manage.py", "sign_checkpoint")
    assert (refused, why["code"]) == (503, "record_held")
    assert shown == 200, page
    assert (verified.returncode, unsigned.returncode) == (1, 1)
    assert "L406" in verified.stdout


@long_run
def test_a_record_set_back_is_held_until_the_loss_is_declared_and_then_goes_on() -> None:
    case = Case(45)
    with site() as here:
        (writer,) = writers(here, 1, KEPT + LOST + 1)
        made = here.run("-c", _MAKE_PEOPLE)
        assert made.returncode == 0, made.stderr
        before = here.verify()["reconciliation"]  # the images are rows that no import recorded
        signed = hand_in(here, Backup(here), writer)
        kept = record_of(here)
        with served(here) as (port, _):
            look_while_held(here, port, writer)
            outcome, declared = declare(here)
            time.sleep(LOOK_SECONDS)
            accepted, _ = send(port, writer, writer.readings[-1])
        verdict, record = here.verify(), record_of(here)

    case.acked, case.lost = KEPT, KEPT - len(kept)
    case.unknown, case.verify = LOST, integrity_of(verdict)
    case.tell(declared=declared)
    assert len(kept) == KEPT
    assert outcome == 0, declared
    for origin, size in signed.items():
        lost = f"{origin} has" in declared and f"{size:,} were signed" in declared
        assert lost or f"entries of {origin} are not those" in declared
    assert accepted == 201
    assert len(record) == KEPT + 1
    assert {stream["completeness"] for stream in verdict["streams"]} == {"ok"}
    assert verdict["reconciliation"] == before
