"""A clock that stepped back: positions decide the order, and the step is on record."""

from typing import Any

import pytest

import ledger
from ledger import clock
from ledger.models import Entry
from ledger.verify import verify
from tests.ledger.events import happen

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_clock_that_went_back_is_noted_once_and_times_stand_still(
    superuser_cursor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock._Last, "noted", None)  # noqa: SLF001  another test may have noted
    happen()
    newest = Entry.objects.get()
    ahead = newest.sealed_us + 3_600_000_000
    # the clock was an hour ahead when the newest entry was sealed, and was then put right
    superuser_cursor.execute("ALTER TABLE ledger.entry DISABLE TRIGGER deny_row")
    superuser_cursor.execute("UPDATE ledger.entry SET sealed_us = %s", [ahead])

    happen(number=2)
    happen(number=3)

    times = list(Entry.objects.order_by("seq").values_list("sealed_us", flat=True))
    (drift,) = [r for r in ledger.about("ledger.stream:org") if r.event.startswith("clock.")]
    assert times == [ahead] * 4
    assert drift.payload["microseconds"] > 3_000_000_000
    assert "L204" not in {f.code for s in verify().streams for f in s.faults}
