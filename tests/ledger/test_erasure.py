"""Erasure: bytes go, the chain stays, and the database insists on who said so."""

from time import sleep
from typing import Any

import pytest
from django.db import Error, connection, connections, transaction

import ledger
from ledger import erasure, hashing, scan
from ledger.models import Entry, IndexedEntry, Stream
from ledger.segments import Segment, check_segment
from tests.ledger.events import ACTOR, Thing, ThingHappened, happen

pytestmark = pytest.mark.django_db(transaction=True)
TWO = ("accounts.user:1", "accounts.user:2")
CANARY = "Canary-7c1f"
STREAM = Thing(ledger_stream="erased")


def erase(*positions: int, approved_by: tuple[str, ...] = TWO) -> list[int]:
    wanted = erasure.targets("erased", positions=positions)
    return erasure.erase(
        wanted, basis="GDPR Art. 17(1)(b)", approved_by=approved_by, by=TWO[1], reason="asked"
    )


def entry(seq: int) -> Entry:
    found = Entry.objects.select_related("body", "stream")
    return found.get(stream__origin="localhost/ledger/p/erased", seq=seq)


def codes() -> set[tuple[int | None, str]]:
    stream = Stream.objects.get(origin="localhost/ledger/p/erased")
    size = Entry.objects.filter(stream=stream).count()
    connection.ensure_connection()
    with transaction.atomic():
        checked = check_segment(
            connection.connection, Segment(stream.pk, stream.origin, 0, size)
        )
    return {(fault.seq, fault.code) for fault in checked.faults}


def test_bytes_go_and_the_chain_stays() -> None:
    happen(STREAM)
    happen(STREAM, reason=CANARY)
    happen(STREAM)
    before = entry(1)

    assert erase(1) == [1]

    after, told = entry(1), entry(3)
    assert (after.body.body, after.body.salt) == (None, None)
    assert bytes(after.hash) == bytes(before.hash)
    assert bytes(after.commitment) == bytes(before.commitment)
    (record,) = ledger.about("ledger.entry:1", stream="erased")
    assert record.sequence == told.seq
    assert record.payload == {
        "seq": 1,
        "commitment": bytes(before.commitment).hex(),
        "basis": "GDPR Art. 17(1)(b)",
        "approved_by": list(TWO),
    }
    assert codes() <= {(1, "L305")}  # whether an erasure explains it is the verifier's rule
    assert hashing.commitment(bytes(told.body.salt or b""), bytes(told.body.body or b"")) == (
        bytes(told.commitment)
    )


def test_the_index_forgets_what_was_erased() -> None:
    happen(STREAM)
    happen(STREAM)
    gone = entry(0).body_id

    erase(0)

    assert not IndexedEntry.objects.filter(pk=gone).exists()
    assert IndexedEntry.objects.filter(event="ledger.entry_erased").count() == 1
    assert [record.sequence for record in ledger.about("tests.thing:1", stream="erased")] == [1]
    assert erasure.erasures("erased", [0, 1]).keys() == {0}


def test_asked_again_nothing_happens_twice() -> None:
    happen(STREAM)
    happen(STREAM)
    erase(0)

    assert erase(0, 1) == [1]
    assert len(list(scan.records({"ledger.entry_erased"}))) == 2


def test_one_person_is_not_enough() -> None:
    happen(STREAM)

    with pytest.raises(ValueError, match="Two different people"):
        erase(0, approved_by=(TWO[0], TWO[0]))

    assert entry(0).body.body is not None


def test_all_go_or_none() -> None:
    happen(STREAM)
    happen(STREAM)
    wanted = erasure.targets("erased", positions=[0, 1])
    broken = [wanted[0], erasure.Target(**{**vars(wanted[1]), "commitment": "0" * 64})]

    with pytest.raises(Error):
        erasure.erase(broken, basis="b", approved_by=TWO, by=TWO[1], reason="r")

    assert entry(0).body.body is not None
    assert not list(scan.records({"ledger.entry_erased"}))


@pytest.mark.parametrize(
    "act",
    [
        "SELECT ledger.erase(%s, '\\x00', '\\x7b7d')",
        "UPDATE ledger.body SET body = NULL, salt = NULL WHERE id = %s",
        "DELETE FROM ledger.body WHERE id = %s",
    ],
)
def test_the_application_itself_can_blank_nothing(act: str) -> None:
    happen(STREAM)

    with pytest.raises(Error, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(act, [entry(0).body_id])


@pytest.mark.parametrize(
    "payload",
    [
        {"approved_by": [TWO[0], TWO[0]]},
        {"approved_by": [TWO[0]]},
        {"seq": 7},
        {"commitment": "0" * 64},
    ],
)
def test_the_eraser_cannot_blank_without_a_true_event(payload: dict[str, Any]) -> None:
    happen(STREAM)
    target = entry(0)
    said = {
        "seq": 0,
        "commitment": bytes(target.commitment).hex(),
        "basis": "b",
        "approved_by": list(TWO),
    } | payload
    event = ledger.canonical({"event": "ledger.entry_erased", "payload": said})

    call = "SELECT ledger.erase(%s, %s, %s)"
    with (
        pytest.raises(Error),
        transaction.atomic(using="erase"),
        connections["erase"].cursor() as cursor,
    ):
        cursor.execute(call, [target.body_id, bytes(16), event])

    assert entry(0).body.body is not None


def test_the_eraser_reads_nothing() -> None:
    happen(STREAM)

    for table in ("ledger.body", "ledger.entry", "accounts_user"):
        with (
            pytest.raises(Error, match="permission denied"),
            connections["erase"].cursor() as cursor,
        ):
            cursor.execute(f"SELECT * FROM {table}")


def test_what_the_verifier_needs_and_what_tables_rest_on_stays() -> None:
    happen(STREAM)
    erase(0)
    told = erasure.targets("erased", positions=[1])

    assert erasure.obstacles(told) == {1: "it belongs to the record's own proof"}
    assert erasure.obstacles(erasure.targets("erased", positions=[0])) == {
        0: "its bytes are gone already"
    }


def test_a_sweep_leaves_no_old_version_in_the_files(superuser_cursor: Any) -> None:
    # near the lower end of its page, where an ordinary VACUUM leaves bytes as they were
    with transaction.atomic():
        actor = f"tests.actor:{CANARY}"
        ledger.append(ThingHappened(text="x" * 1500), actor=actor, subject=STREAM)
    big = "x" * 9000 + CANARY  # beyond a page: stored out of line
    with transaction.atomic():
        ledger.append(ThingHappened(text=big), actor=ACTOR, subject=STREAM)
    superuser_cursor.execute("CHECKPOINT")

    def holds() -> bool:
        superuser_cursor.execute("CHECKPOINT")
        superuser_cursor.execute(
            "SELECT count(*) FROM pg_ls_dir('base/' || (SELECT oid FROM pg_database"
            " WHERE datname = current_database())) f WHERE position(%s::bytea IN"
            " pg_read_binary_file('base/' || (SELECT oid FROM pg_database"
            " WHERE datname = current_database()) || '/' || f)) > 0",
            [CANARY.encode()],
        )
        return bool(superuser_cursor.fetchone()[0])

    assert holds()
    erase(0, 1)
    assert holds()  # an UPDATE leaves the old version in its page
    while sum(erasure.sweep().values()):
        sleep(0.1)  # something of a test before still runs
    assert not holds()


def test_the_dump_of_the_tables_holds_nothing_of_it(superuser_cursor: Any) -> None:
    happen(STREAM, reason=CANARY)
    assert CANARY.encode() in dump(superuser_cursor)

    erase(0)

    assert CANARY.encode() not in dump(superuser_cursor)


def dump(cursor: Any) -> bytes:
    """Return every column of every table, as COPY gives it, bytea undone."""
    cursor.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname IN ('ledger', 'public')"
    )
    whole = b""
    for (table,) in cursor.fetchall():
        cursor.execute(f"SELECT t.* FROM {table} t")
        for row in cursor.fetchall():
            whole += b"\0".join(
                bytes(cell) if isinstance(cell, memoryview) else str(cell).encode()
                for cell in row
            )
    return whole
