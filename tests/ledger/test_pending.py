"""What waits: how long, seen on the health page, in the log and on record, once."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

import ledger
from ledger import pending, sealer
from ledger.events import SealingDelayed
from tests.ledger.events import ACTOR, Thing, ThingHappened, happen
from tests.ledger.test_chain import numbers_in
from tests.ledger.test_sealer import (
    background,
    held,
    leave_waiting,
    nothing_waits,
    number_of,
    wait_until,
)

__all__ = ["background"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("background")]

BUSY = Thing(ledger_stream="busy")
HEALTH = "/health/"


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending._Told, "origins", set())  # noqa: SLF001


def age(cursor: Any, seconds: float) -> None:
    """Let what waits have waited for so long already."""
    cursor.execute(
        "UPDATE ledger.pending SET since = clock_timestamp() - make_interval(secs => %s)",
        [seconds],
    )


def told() -> list[dict[str, Any]]:
    records = ledger.about("ledger.stream:org")
    return [record.payload for record in records if record.event == SealingDelayed.name]


def test_nothing_waits_usually() -> None:
    happen(BUSY)

    assert pending.pending_age() == timedelta()
    assert pending.waiting() == []
    pending.watch()
    assert told() == []


def test_the_oldest_that_waits_says_how_long(superuser_cursor: Any) -> None:
    happen(BUSY)
    leave_waiting(1)
    assert timedelta() < pending.pending_age() < timedelta(seconds=5)
    age(superuser_cursor, 60)
    leave_waiting(2)

    assert timedelta(seconds=60) <= pending.pending_age() < timedelta(seconds=90)
    (one,) = pending.waiting()
    assert (one.entries, one.too_long) == (2, True)
    sealer.seal_everything()
    assert numbers_in("busy") == [1, 1, 2]


def test_a_clock_that_went_back_makes_no_negative_wait(superuser_cursor: Any) -> None:
    happen(BUSY)
    leave_waiting(1)
    age(superuser_cursor, -3600)

    assert pending.pending_age() == timedelta()


def test_waiting_too_long_is_told_once_and_ends(
    superuser_cursor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    happen(BUSY)
    with held(number_of("busy")):
        leave_waiting(1)
        pending.watch()
        assert told() == []
        age(superuser_cursor, 6)
        pending.watch()
        pending.watch()
        pending._Told.origins.clear()  # noqa: SLF001  another process, or this one started anew
        pending.watch()

        (alarm,) = told()
        assert (alarm["stream"], alarm["entries"]) == ("localhost/ledger/p/busy", 1)
        assert alarm["milliseconds"] >= 6000
    wait_until(nothing_waits)  # the alarm woke the sealer
    pending.watch()

    assert numbers_in("busy") == [1, 1]
    late = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert [r.name for r in late] == ["ledger.pending"] * 2  # each process says it in its log


def test_the_next_delay_is_told_again(superuser_cursor: Any) -> None:
    happen(BUSY)
    for number in (1, 2):
        with held(number_of("busy")):
            leave_waiting(number)
            age(superuser_cursor, 6)
            pending.watch()
        wait_until(nothing_waits)
        pending.watch()

    assert len(told()) == 2


def test_the_organisations_own_delay_gets_on_record_behind_what_waited(
    superuser_cursor: Any,
) -> None:
    happen()
    with held(number_of("org")):
        leave_waiting(1, Thing())
        age(superuser_cursor, 6)
        pending.watch()
    wait_until(nothing_waits)

    assert len(told()) == 1


def test_health_says_it_and_still_answers(client: Client, superuser_cursor: Any) -> None:
    happen(BUSY)
    with held(number_of("busy")):
        leave_waiting(1)
        age(superuser_cursor, 6)
        late = client.get(HEALTH)

    with transaction.atomic():  # whoever comes next links what waits
        ledger.append(ThingHappened(number=2), actor=ACTOR, subject=BUSY)
    after = client.get(HEALTH)

    assert (late.status_code, late.json()["status"]) == (200, "degraded")
    assert late.json()["sealing"] == "alarm"
    assert (after.json()["status"], after.json()["sealing"]) == ("ok", "quiet")
