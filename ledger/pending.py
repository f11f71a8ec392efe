"""Entries that wait to be linked: since when, and the alarm when one waits too long.

A body that found its stream busy is linked moments after its COMMIT.  One that waits for
seconds says that no sealer works, or that somebody sits on the stream's lock; nothing is lost,
but the entry is not part of the record yet.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from ledger import chain, sealer
from ledger.canonical_json import parse
from ledger.envelope import TIME_FORMAT
from ledger.events import SealingDelayed
from ledger.models import IndexedEntry
from ledger.references import ORGANISATION

logger = logging.getLogger(__name__)

LONGEST = timedelta(seconds=5)
SUBJECT = f"ledger.stream:{ORGANISATION}"
_LOOKED_AT = 100  # alarms: those of the last minutes

# The database's clock on both sides; one that went back makes nobody wait a negative time.
_WAITING = """
SELECT s.id, s.origin, count(*), min(p.since),
    greatest(clock_timestamp() - min(p.since), interval '0')
FROM ledger.pending p JOIN ledger.stream s ON s.id = p.stream
GROUP BY s.id, s.origin ORDER BY min(p.since)
"""


@dataclass(frozen=True)
class Waiting:
    """How many entries of a stream wait, and since when the one that waits longest."""

    number: int
    origin: str
    entries: int
    since: datetime
    age: timedelta

    @property
    def too_long(self) -> bool:
        return self.age > LONGEST


def waiting() -> list[Waiting]:
    """Return the streams in which something waits, the longest wait first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return [Waiting(*row) for row in cursor.fetchall()]


def pending_age() -> timedelta:
    """Return how long the oldest entry waits that is not linked; zero if none does."""
    return max((one.age for one in waiting()), default=timedelta())


class _Told:
    origins: set[str] = set()


def watch() -> None:
    """Wake the sealer for what waits too long, and say so once, in the log and on record.

    Called every few seconds; a delay that goes on is not told again until it has ended.
    """
    late = {one.origin: one for one in waiting() if one.too_long}
    _Told.origins &= late.keys()
    for origin in sorted(late.keys() - _Told.origins):
        _Told.origins.add(origin)
        one = late[origin]
        logger.error(
            "%s: %d entries wait to be linked, one for %.1f s",
            origin,
            one.entries,
            one.age.total_seconds(),
        )
        if not _is_on_record(one):
            _record(one)
    sealer.wake({one.number for one in late.values()})


def _is_on_record(one: Waiting) -> bool:
    """Tell whether another process has told of this very wait."""
    told = IndexedEntry.objects.filter(event=SealingDelayed.name, subject=SUBJECT)
    newest = told.order_by("-pk").values_list("body__body", flat=True)[:_LOOKED_AT]
    payloads = [parse(bytes(body))["payload"] for body in newest if body]
    return any((p["stream"], p["since"]) == (one.origin, _time(one.since)) for p in payloads)


@transaction.atomic
def _record(one: Waiting) -> None:
    event = SealingDelayed(
        stream=one.origin,
        since=_time(one.since),
        entries=one.entries,
        milliseconds=round(one.age.total_seconds() * 1000),
    )
    chain.append(event, actor="system:ledger", subject=SUBJECT, reason=None)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(TIME_FORMAT)
