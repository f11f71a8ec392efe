"""Transactions that met others: done again as a whole, a few times, with one effect."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

import ledger
from ledger import again
from tests.ledger.events import ACTOR, Thing, ThingHappened
from tests.ledger.test_chain import in_threads, numbers_in
from tests.ledger.test_sealer import assert_whole, isolated

pytestmark = pytest.mark.django_db(transaction=True)

THING = Thing(ledger_stream="busy")
CROSSED = "DO $$ BEGIN RAISE 'crossed' USING ERRCODE = '40001'; END $$"


class Act:
    """A transaction that appends, and that PostgreSQL undoes `times` times."""

    def __init__(self, times: int) -> None:
        self.times, self.tried = times, 0

    @transaction.atomic
    def __call__(self) -> None:
        self.tried += 1
        ledger.append(ThingHappened(number=self.tried), actor=ACTOR, subject=THING)
        if self.tried <= self.times:
            with connection.cursor() as cursor:
                cursor.execute(CROSSED)


def done_again(act: Act) -> None:
    again.again_if_crossed(act.__call__)()


@pytest.mark.parametrize("times", [0, 1, len(again.PAUSES)])
def test_it_is_done_again_until_it_is_done_once(times: int) -> None:
    act = Act(times)

    done_again(act)

    assert numbers_in("busy") == [times + 1]


def test_after_a_few_times_it_says_so_and_nothing_was_done() -> None:
    act = Act(99)

    with pytest.raises(ledger.CrossedError, match="Nothing was done; try again"):
        done_again(act)

    assert act.tried == len(again.PAUSES) + 1
    assert numbers_in("busy") == []


def test_a_part_of_a_transaction_is_not_done_again() -> None:
    act = Act(1)

    with pytest.raises(OperationalError), transaction.atomic():
        done_again(act)

    assert act.tried == 1


def test_what_would_fail_each_time_is_not_done_again() -> None:
    tried = []

    @again.again_if_crossed
    def act() -> None:
        tried.append(1)
        raise IntegrityError

    with pytest.raises(IntegrityError):
        act()

    assert tried == [1]


def test_what_fails_for_another_reason_is_not_done_again() -> None:
    tried = []

    @again.again_if_crossed
    @transaction.atomic
    def act() -> None:
        tried.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)")

    with pytest.raises(OperationalError, match="statement timeout"):
        act()

    assert tried == [1]


def test_of_two_that_block_each_other_both_are_done() -> None:
    both = threading.Barrier(2)
    tried = []

    def work(number: int) -> None:
        @again.again_if_crossed
        @transaction.atomic
        def act() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(4711, %s)", [number])
                tried.append(number)
                if tried.count(number) == 1:
                    both.wait(20)
                cursor.execute("SELECT pg_advisory_xact_lock(4711, %s)", [1 - number])
            ledger.append(ThingHappened(number=number), actor=ACTOR, subject=THING)

        act()

    in_threads(2, work)

    assert len(tried) > 2
    assert sorted(numbers_in("busy")) == [0, 1]
    assert_whole("busy", 2)


def test_serializable_writers_at_once_each_write_once() -> None:
    def work(number: int) -> None:
        @again.again_if_crossed
        def act() -> None:
            with isolated("SERIALIZABLE"):
                ledger.append(ThingHappened(number=number), actor=ACTOR, subject=THING)

        act()

    in_threads(4, work)

    assert sorted(numbers_in("busy")) == [0, 1, 2, 3]
    assert_whole("busy", 4)
