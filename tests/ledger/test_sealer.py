"""Sealing: whatever else a transaction does, its entry is linked, once, and nobody waits."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

import ledger
from ledger import sealer
from ledger.models import Body, Entry, Stream
from ledger.verify import verify
from tests.ledger.events import ACTOR, Thing, ThingHappened, happen
from tests.ledger.test_chain import in_threads, numbers_in

pytestmark = pytest.mark.django_db(transaction=True)

THING = Thing(ledger_stream="busy")
LEVELS = ["REPEATABLE READ", "SERIALIZABLE"]


@pytest.fixture
def background(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a thread seal, as in a web process; end when it has nothing to do."""
    monkeypatch.setattr(sealer._Background, "wanted", True)  # noqa: SLF001
    monkeypatch.setattr(sealer, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(sealer, "LOCK_TIMEOUT", "300ms")
    yield
    sealer.seal_everything()
    time.sleep(0.5)  # it may try once more what it could not do: not in the next test


def nothing_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM ledger.pending)")
        return bool(cursor.fetchone()[0])


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextmanager
def held(stream: int) -> Iterator[None]:
    """Sit on the lock of a stream, from another connection."""
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(1279542610, %s)", [stream])
            holding.set()
            release.wait(60)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    try:
        yield
    finally:
        release.set()
        holder.join()


@contextmanager
def isolated(level: str) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        yield


def leave_waiting(number: int, thing: Thing = THING) -> None:
    """Append, and die between COMMIT and sealing."""
    with isolated("REPEATABLE READ"):
        ledger.append(ThingHappened(number=number), actor=ACTOR, subject=thing)
        connection.run_on_commit.clear()
    connection.connection.notices.clear()


def number_of(stream: str) -> int:
    return int(Stream.objects.get(origin__endswith=f"/{stream}").pk)


def assert_whole(stream: str, count: int) -> None:
    seqs = Entry.objects.filter(stream__origin__endswith=f"/{stream}").order_by("seq")
    assert list(seqs.values_list("seq", flat=True)) == list(range(count))
    (verdict,) = [s for s in verify().streams if s.origin.endswith(f"/{stream}")]
    assert verdict.integrity == "ok"


@pytest.mark.parametrize("level", LEVELS)
def test_a_stricter_transaction_is_sealed_right_after_its_commit(level: str) -> None:
    happen(THING, number=0)
    with isolated(level):
        one = ledger.append(ThingHappened(number=1), actor=ACTOR, subject=THING)
        ledger.append_many([(ThingHappened(number=n), THING) for n in (2, 3)], actor=ACTOR)

    assert one.seq() == 1
    assert numbers_in("busy") == [0, 1, 2, 3]
    assert_whole("busy", 4)


@pytest.mark.parametrize("level", LEVELS)
def test_a_stricter_transaction_does_not_link_behind_what_it_cannot_see(level: str) -> None:
    happen(THING, number=0)
    with isolated(level):
        assert Entry.objects.count() == 1  # from here on it sees the record as it was
        in_threads(1, lambda _: happen(THING, number=1))
        ledger.append(ThingHappened(number=2), actor=ACTOR, subject=THING)

    assert numbers_in("busy") == [0, 1, 2]
    assert_whole("busy", 3)


@pytest.mark.parametrize("level", LEVELS)
def test_stricter_writers_at_once_each_write_once(level: str) -> None:
    happen(THING, number=99)

    def work(number: int) -> None:
        for _ in range(50):
            try:
                with isolated(level):
                    ledger.append(ThingHappened(number=number), actor=ACTOR, subject=THING)
            except OperationalError:  # 40001: nothing happened, so again
                continue
            return

    in_threads(6, work)
    sealer.seal_everything()

    assert sorted(numbers_in("busy")) == [0, 1, 2, 3, 4, 5, 99]
    assert_whole("busy", 7)


def test_deferred_foreign_keys_and_linking_never_wait_for_each_other(
    superuser_cursor: Any,
) -> None:
    superuser_cursor.execute(
        "CREATE TABLE parent (id int PRIMARY KEY);"
        "CREATE TABLE child (parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);"
        "INSERT INTO parent VALUES (1); GRANT ALL ON parent, child TO ledger_app"
    )
    happen(THING, number=0)
    locked = threading.Barrier(2)

    def one() -> None:  # links first, then its foreign key waits for the other's row
        with transaction.atomic(), connection.cursor() as cursor:
            ledger.append(ThingHappened(number=1), actor=ACTOR, subject=THING)
            cursor.execute("INSERT INTO child VALUES (1)")
            locked.wait(10)

    def other() -> None:  # holds the row, and commits while the stream's lock is taken
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM parent WHERE id = 1 FOR UPDATE")
            ledger.append(ThingHappened(number=2), actor=ACTOR, subject=THING)
            locked.wait(10)
            time.sleep(0.5)

    in_threads(2, lambda number: (one, other)[number]())  # a deadlock would raise
    sealer.seal_everything()

    assert sorted(numbers_in("busy")) == [0, 1, 2]
    assert_whole("busy", 3)


def test_what_is_rolled_back_in_part_or_whole_leaves_no_gap() -> None:
    def append(number: int) -> None:
        ledger.append(ThingHappened(number=number), actor=ACTOR, subject=THING)

    with transaction.atomic():
        append(0)
        part = transaction.savepoint()
        append(1)
        transaction.savepoint_rollback(part)
        with transaction.atomic():
            append(2)
            with transaction.atomic():
                append(3)
        kept = transaction.savepoint()
        append(4)
        transaction.savepoint_commit(kept)
    with transaction.atomic():
        append(5)
        transaction.set_rollback(True)
    happen(THING, number=6)

    assert numbers_in("busy") == [0, 2, 3, 4, 6]
    assert Body.objects.count() == 5
    assert_whole("busy", 5)


@pytest.mark.usefixtures("background")
def test_eight_threads_in_several_streams_leave_nothing_waiting() -> None:
    things = [Thing(ledger_stream=f"s{n}") for n in range(3)]

    def work(writer: int) -> None:
        for n in range(20):
            if n % 5:
                happen(things[(writer + n) % 3], number=writer * 100 + n)
                continue
            with transaction.atomic():
                some = [(ThingHappened(number=writer * 100 + n), thing) for thing in things]
                ledger.append_many(some, actor=ACTOR)

    in_threads(8, work)
    wait_until(nothing_waits)

    assert sum(len(numbers_in(f"s{n}")) for n in range(3)) == 8 * (16 + 4 * 3)
    for n in range(3):
        assert_whole(f"s{n}", len(numbers_in(f"s{n}")))


@pytest.mark.usefixtures("background")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sealer_that_died_is_replaced_and_its_work_done() -> None:
    happen(THING, number=0)
    happen(Thing(ledger_stream="other"), number=0)
    sealer.wake({number_of("busy")})
    thread = sealer._Background.thread  # noqa: SLF001
    assert thread
    assert thread.ident
    killed = ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )
    thread.wake({number_of("busy")})  # it dies with this in its hands
    thread.join(10)
    leave_waiting(1)

    sealer.wake({number_of("other")})  # another stream's turn
    wait_until(nothing_waits)

    assert (killed, thread.is_alive()) == (1, False)
    assert sealer._Background.thread is not thread  # noqa: SLF001
    assert numbers_in("busy") == [0, 1]


@pytest.mark.usefixtures("background")
def test_who_is_expected_to_look_is_not_woken_again_unless_it_is_dead() -> None:
    happen(THING, number=0)
    number = number_of("busy")
    sealer.wake({number})
    wait_until(nothing_waits)
    thread = sealer._Background.thread  # noqa: SLF001
    assert thread
    wait_until(lambda: not thread.expects({number}))

    with thread._changed:  # noqa: SLF001  it cannot look yet
        thread._waiting = {number}  # noqa: SLF001
        leave_waiting(1)
        waker = threading.Thread(target=sealer.wake, args=[{number}], daemon=True)
        waker.start()  # it would wait for us, did it not see that it is expected
        waker.join(5)
        assert not waker.is_alive()
        assert not sealer._is_expecting(thread, {number, number + 1})  # noqa: SLF001
        thread._changed.notify()  # noqa: SLF001
    wait_until(nothing_waits)

    dead = sealer._BackgroundSealer()  # noqa: SLF001
    dead._waiting = {number}  # noqa: SLF001
    assert not sealer._is_expecting(dead, {number})  # noqa: SLF001
    assert numbers_in("busy") == [0, 1]


@pytest.mark.usefixtures("background")
def test_one_stream_whose_lock_is_held_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = Thing(ledger_stream="other")
    happen(THING, number=0)
    happen(other, number=0)

    with held(number_of("busy")):
        happen(THING, number=1)  # answered at once
        leave_waiting(1, other)
        sealer.wake({number_of("busy"), number_of("other")})
        wait_until(lambda: len(numbers_in("other")) == 2)
        assert len(numbers_in("busy")) == 1

    wait_until(nothing_waits)
    assert numbers_in("busy") == [0, 1]
    assert all("thing" not in record.message for record in caplog.records)
