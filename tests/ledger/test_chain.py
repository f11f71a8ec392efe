"""Appending: with the change or not at all, in order, by anybody at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

import ledger
from ledger import checkpoints, history, sealer
from ledger.models import Body, Entry, IndexedEntry, Stream
from ledger.verify import verify
from tests.ledger.events import ACTOR, Thing, ThingHappened, happen

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_entry_is_sealed_when_its_transaction_commits() -> None:
    with transaction.atomic():
        receipt = ledger.append(ThingHappened(), actor=ACTOR, subject="tests.thing:1")
        before = receipt.seq()

    record = ledger.about("tests.thing:1")[-1]
    assert before is None
    assert receipt.seq() == record.sequence
    assert record.payload == {"number": 1, "text": "as it was"}


def test_a_rolled_back_change_leaves_no_trace() -> None:
    happen()
    counts = [model.objects.count() for model in (Body, Entry, IndexedEntry)]

    @transaction.atomic
    def append_and_fail() -> None:
        ledger.append(ThingHappened(), actor=ACTOR, subject="tests.thing:1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        append_and_fail()

    assert [model.objects.count() for model in (Body, Entry, IndexedEntry)] == counts


def test_appending_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="inside the transaction"):
        ledger.append(ThingHappened(), actor=ACTOR, subject="tests.thing:1")


def test_positions_count_up_from_zero_in_each_stream() -> None:
    first = [happen(Thing(ledger_stream="one"), number=n).seq() for n in range(3)]
    second = [happen(Thing(ledger_stream="two"), number=n).seq() for n in range(2)]

    assert (first, second) == ([0, 1, 2], [0, 1])


def test_several_entries_of_one_transaction_keep_their_order() -> None:
    with transaction.atomic():
        for number in range(5):
            ledger.append(
                ThingHappened(number=number), actor=ACTOR, subject=Thing(ledger_stream="one")
            )

    assert numbers_in("one") == list(range(5))


def test_origin_and_reason_are_on_record_but_never_the_address() -> None:
    with ledger.origin(
        session="s-1", device="accounts.device:d", address="192.0.2.9", role="x"
    ):
        receipt = happen(reason="it was due")

    body = bytes(Body.objects.get(pk=receipt.body_id).body or b"")
    record = ledger.about("tests.thing:1")[-1]
    assert (record.origin["session"], record.role, record.reason) == ("s-1", "x", "it was due")
    assert len(record.origin["network"]) == 64
    assert b"192.0.2.9" not in body


def test_a_float_is_refused_before_anything_is_written() -> None:
    class Measured(ledger.Event, name="thing.measured"):
        """A test's own event."""

        value: float

    with pytest.raises(ledger.CanonicalError), transaction.atomic():
        ledger.append(Measured(value=0.5), actor=ACTOR, subject="tests.thing:1")


@pytest.mark.parametrize("ref", ["no colon", "Upper:1", "tests.thing:", "tests.thing:a b"])
def test_a_reference_of_another_form_is_refused(ref: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        happen(ref)


def numbers_in(stream: str) -> list[int]:
    records = ledger.about("tests.thing:1", stream=stream)
    return [record.payload["number"] for record in records]


def in_threads(count: int, work: object) -> None:
    """Run `work(number)` in as many threads at once, each with its own connection."""
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)  # type: ignore[operator]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


def test_eight_writers_leave_no_gap_and_no_fork() -> None:
    thing = Thing(ledger_stream="busy")
    in_threads(8, lambda w: [happen(thing, number=w * 100 + n) for n in range(25)])
    checkpoints.sign_everything()

    numbers = [
        entry.payload["number"] for entry in ledger.about("tests.thing:1", stream="busy")
    ]
    (busy,) = [s for s in verify().streams if s.origin.endswith("/busy")]
    assert sorted(numbers) == sorted(w * 100 + n for w in range(8) for n in range(25))
    assert (busy.size, busy.integrity, busy.completeness) == (200, "ok", "ok")


def test_each_writer_finds_its_own_entries_in_its_own_order() -> None:
    thing = Thing(ledger_stream="busy")
    in_threads(4, lambda w: [happen(thing, number=w * 100 + n) for n in range(10)])
    sealer.seal_everything()

    numbers = [
        entry.payload["number"] for entry in ledger.about("tests.thing:1", stream="busy")
    ]
    for writer in range(4):
        own = [number for number in numbers if number // 100 == writer]
        assert own == sorted(own)


def test_a_stream_that_many_open_at_once_is_opened_once() -> None:
    in_threads(8, lambda w: happen(Thing(ledger_stream="new"), number=w))
    sealer.seal_everything()

    assert Stream.objects.filter(origin__endswith="/new").count() == 1
    assert history.head("new") is not None
    assert len(ledger.about("tests.thing:1", stream="new")) == 8


def test_an_entry_made_while_the_stream_is_busy_is_sealed_right_after() -> None:
    thing = Thing(ledger_stream="held")
    happen(thing, number=0)
    stream = Stream.objects.get(origin__endswith="/held")
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(1279542610, %s)", [stream.pk])
            holding.set()
            release.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    threading.Timer(0.3, release.set).start()
    receipt = happen(thing, number=1)  # waits for nothing at COMMIT, then seals inline
    holder.join()

    assert receipt.seq() == 1


def test_the_background_sealer_links_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer._Background, "wanted", True)  # noqa: SLF001
    thing = Thing(ledger_stream="busy")
    in_threads(4, lambda w: [happen(thing, number=n) for n in range(10)])

    deadline = threading.Event()
    for _ in range(100):
        newest = history.head("busy")
        if newest and newest[0] == 39:
            break
        deadline.wait(0.05)
    assert history.head("busy") is not None
    assert len(ledger.about("tests.thing:1", stream="busy")) == 40


def test_what_a_dead_process_left_waiting_is_linked_by_the_next_append() -> None:
    thing = Thing(ledger_stream="left")
    happen(thing, number=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        )  # never linked at once
        ledger.append(ThingHappened(number=1), actor=ACTOR, subject=thing)
        connection.run_on_commit.clear()  # the process dies before it can seal

    left = Entry.objects.filter(stream__origin__endswith="/left").count()
    receipt = happen(thing, number=2)

    assert left == 1
    assert receipt.seq() == 2
