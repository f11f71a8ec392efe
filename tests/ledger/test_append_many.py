"""Many entries at once: like one by one, in the order given, and together or not at all."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

import ledger
from ledger import sealer
from ledger.index import rebuild
from ledger.models import Body, Entry, IndexedEntry
from tests.ledger.events import ACTOR, Thing, ThingHappened, happen
from tests.ledger.test_chain import numbers_in

pytestmark = pytest.mark.django_db(transaction=True)


@transaction.atomic
def happen_often(numbers: list[int], thing: Thing, *, reason: str | None = None) -> int:
    events = [(ThingHappened(number=number), thing) for number in numbers]
    return ledger.append_many(events, actor=ACTOR, reason=reason)


def sealed(stream: str) -> int:
    return Entry.objects.filter(stream__origin__endswith=f"/{stream}").count()


def test_they_are_sealed_and_found_in_the_order_given() -> None:
    with ledger.origin(session="s-1", role="x"):
        count = happen_often([5, 3, 4], Thing(ledger_stream="many"), reason="it was due")

    records = ledger.about("tests.thing:1", stream="many")
    assert (count, numbers_in("many")) == (3, [5, 3, 4])
    assert {(r.reason, r.role, r.origin["session"]) for r in records} == {
        ("it was due", "x", "s-1")
    }


def test_their_index_is_the_one_that_is_rebuilt() -> None:
    happen_often(list(range(20)), Thing(ledger_stream="many"))
    before = list(IndexedEntry.objects.order_by("pk").values())

    assert rebuild() == 20
    assert list(IndexedEntry.objects.order_by("pk").values()) == before


def test_a_thousand_take_one_statement_and_more_are_divided() -> None:
    thing = Thing(ledger_stream="many")
    happen(thing)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        happen_often(list(range(1000)), thing)
    few = [q for q in queries if "append_many" in q["sql"]]
    happen_often(list(range(2001)), thing)

    assert len(few) == 1
    assert sealed("many") == 1 + 1000 + 2001


def test_they_keep_their_place_between_entries_written_one_by_one() -> None:
    thing = Thing(ledger_stream="many")
    with transaction.atomic():
        ledger.append(ThingHappened(number=1), actor=ACTOR, subject=thing)
        happen_often([2, 3], thing)
        ledger.append(ThingHappened(number=4), actor=ACTOR, subject=thing)

    assert numbers_in("many") == [1, 2, 3, 4]


def test_several_streams_each_get_their_own() -> None:
    one, two = Thing(ledger_stream="one"), Thing(ledger_stream="two")
    with transaction.atomic():
        ledger.append_many(
            [(ThingHappened(number=n), (one, two)[n % 2]) for n in range(6)], actor=ACTOR
        )

    assert (numbers_in("one"), numbers_in("two")) == ([0, 2, 4], [1, 3, 5])


def test_none_is_no_entry() -> None:
    assert happen_often([], Thing(ledger_stream="many")) == 0
    assert not Body.objects.exists()


def test_one_that_cannot_be_written_leaves_none() -> None:
    class Weighed(ledger.Event, name="thing.weighed"):
        """A test's own event."""

        value: float

    with pytest.raises(ledger.CanonicalError), transaction.atomic():
        ledger.append_many(
            [(ThingHappened(), "tests.thing:1"), (Weighed(value=0.5), "tests.thing:1")],
            actor=ACTOR,
        )

    assert not Body.objects.exists()


def test_outside_a_transaction_they_are_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="inside the transaction"):
        ledger.append_many([], actor=ACTOR)


def test_a_rolled_back_part_leaves_no_gap() -> None:
    thing = Thing(ledger_stream="many")
    with transaction.atomic():
        happen_often([1, 2], thing)
        part = transaction.savepoint()
        happen_often([3, 4], thing)
        transaction.savepoint_rollback(part)
        happen_often([5], thing)

    seqs = Entry.objects.filter(stream__origin__endswith="/many").order_by("seq")
    assert numbers_in("many") == [1, 2, 5]
    assert list(seqs.values_list("seq", flat=True)) == [0, 1, 2]


def test_any_mixture_keeps_the_order_in_which_it_was_written() -> None:
    streams = iter(range(1000))

    @settings(max_examples=25)
    @given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1, max_size=6))
    def law(parts: list[tuple[bool, int]]) -> None:
        thing, numbers = Thing(ledger_stream=f"s{next(streams)}"), iter(range(1000))
        with transaction.atomic():
            for is_many, count in parts:
                some = [next(numbers) for _ in range(count)]
                if is_many:
                    happen_often(some, thing)
                else:
                    [happen(thing, number=number) for number in some]
        written = numbers_in(thing.ledger_stream or "")
        assert written == list(range(sum(count for _, count in parts)))

    law()


def test_while_the_stream_is_busy_they_wait_and_are_linked_after() -> None:
    thing = Thing(ledger_stream="many")
    happen(thing, number=0)
    number = Entry.objects.get().stream_id
    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(1279542610, %s)", [number])
            holding.set()
            release.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    threading.Timer(0.3, release.set).start()
    happen_often([1, 2, 3], thing)
    holder.join()
    sealer.seal_everything()

    assert numbers_in("many") == [0, 1, 2, 3]
