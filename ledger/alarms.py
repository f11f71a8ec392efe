"""Is the record being kept as it should be?  Five things that must go on, each quiet or not.

Entries are linked, streams are signed, anchors receive what was signed, the whole is verified
each day, and nobody set the database back.  What there is nothing to judge by is *unknown*,
which is never the same as quiet.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import TextChoices
from django.utils import timezone

from ledger import anchors, history, pending, rollback, runs
from ledger.models import VerificationRun
from ledger.words import lasting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ledger.anchors import AnchorStatus
    from ledger.pending import Waiting

logger = logging.getLogger(__name__)

CLOCKWORK = 1279542615  # the advisory lock of whoever carries out the ledger's jobs
# A day, and an hour in which this night's verification may begin and another one be in its way.
LONGEST_UNVERIFIED = timedelta(hours=25)

# The oldest entry of each stream that no checkpoint covers; the database's clock on both sides,
# and no more than a century, whatever a forged time says.
_UNSIGNED = """
SELECT s.origin, newest.seq + 1 - coalesce(c.size, 0), least(greatest(
    extract(epoch FROM clock_timestamp()) - first.sealed_us / 1e6, 0), 3.2e9)::float8 AS age
FROM ledger.stream s
JOIN LATERAL (SELECT seq FROM ledger.entry WHERE stream = s.id
    ORDER BY seq DESC LIMIT 1) newest ON true
LEFT JOIN LATERAL (SELECT size FROM ledger.checkpoint WHERE stream = s.id
    ORDER BY size DESC LIMIT 1) c ON true
JOIN LATERAL (SELECT sealed_us FROM ledger.entry WHERE stream = s.id
    AND seq >= coalesce(c.size, 0) ORDER BY seq LIMIT 1) first ON true
ORDER BY age DESC
"""
_AT_WORK = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND classid = %s AND objid = 0 AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
_TITLES = {
    "record": "Database",
    "sealing": "Linking",
    "checkpoints": "Signing",
    "anchors": "Anchoring",
    "verification": "Verification",
}


class State(TextChoices):
    """How one of the things stands that must go on."""

    QUIET = "quiet"
    ALARM = "alarm"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Alarm:
    """One thing that must go on: how it stands, in words for whoever may read the record.

    `kind` is sealing, checkpoints, anchors, verification or record; `since` is when what is
    late began to wait, `remedy` what to do about an alarm.  No words name a project.
    """

    kind: str
    state: State
    words: str
    since: datetime | None = None
    remedy: str = ""

    @property
    def is_raised(self) -> bool:
        return self.state == State.ALARM

    @property
    def title(self) -> str:
        return _TITLES[self.kind]


@dataclass(frozen=True)
class Unsigned:
    """How many entries of a stream no checkpoint covers, and how long the oldest waits."""

    origin: str
    entries: int
    age: timedelta


def look(known: Sequence[AnchorStatus] | None = None) -> list[Alarm]:
    """Return how each of the five stands now; a constant number of queries.

    `known` spares asking for the anchors again.
    """
    status = anchors.status() if known is None else known
    began = history.beginning()
    return [
        _record(),
        _sealing(),
        _checkpoints(began),
        _anchors(status),
        _verification(began),
    ]


def raised() -> list[Alarm]:
    """Return the alarms that are raised now."""
    return [alarm for alarm in look() if alarm.is_raised]


def unsigned() -> list[Unsigned]:
    """Return the streams with entries that no checkpoint covers, the longest wait first."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSIGNED)
        found = cursor.fetchall()
    return [Unsigned(origin, number, timedelta(seconds=age)) for origin, number, age in found]


def watch() -> None:
    """Write each alarm to the log once when it is raised, and once when it has ended.

    Waiting entries and late anchors are on record besides: `pending.watch` and the anchors'
    own rounds see to that.  Called every few seconds by whoever works, and by who stands by.
    """
    tell(look())


def tell(found: Sequence[Alarm]) -> None:
    """Write to the log what changed since this process looked last."""
    now = {alarm.kind: alarm for alarm in found if alarm.is_raised}
    for kind in sorted(now.keys() - _Told.kinds):
        logger.error("alarm, %s: %s", kind, now[kind].words)
    for kind in sorted(_Told.kinds - now.keys()):
        logger.warning("alarm ended, %s", kind)
    _Told.kinds = set(now)


class _Told:
    kinds: set[str] = set()


def _record() -> Alarm:
    if rollback.held():
        return Alarm(
            "record",
            State.ALARM,
            "The record is held: the database no longer contains everything that was signed.",
            remedy="Restore a newer backup, or have two people declare the recovery.",
        )
    return Alarm("record", State.QUIET, "All that was signed is there.")


def _sealing() -> Alarm:
    late = [one for one in pending.waiting() if one.too_long]
    if not late:
        return Alarm("sealing", State.QUIET, "No entry waits.")
    words = (
        f"{_entries(late)} written but not linked into the chain,"
        f" the oldest for {lasting(late[0].age)}."
    )
    remedy = "Nothing is lost. If it goes on, restart the service."
    return Alarm("sealing", State.ALARM, words, late[0].since, remedy)


def _checkpoints(began: datetime | None) -> Alarm:
    if began is None:
        return Alarm("checkpoints", State.UNKNOWN, "There is nothing to sign yet.")
    waiting = unsigned()
    late = [one for one in waiting if one.age > anchors.allowed_lag()]
    if not late:
        words = "Every entry is covered."
        if waiting:
            words = "The newest entries come next."
        return Alarm("checkpoints", State.QUIET, words)
    words = (
        f"{_entries(late)} not covered by any checkpoint, the oldest for"
        f" {lasting(late[0].age)}; one is due every {settings.CHECKPOINT_SECONDS} s."
    )
    remedy = "The log says what keeps the signer from signing."
    if not _is_at_work():
        remedy = "No process carries out the ledger's jobs: start manage.py run_ledger_jobs."
    return Alarm("checkpoints", State.ALARM, words, timezone.now() - late[0].age, remedy)


def _is_at_work() -> bool:
    """Tell whether some process holds the lock of the ledger's jobs."""
    with connection.cursor() as cursor:
        cursor.execute(_AT_WORK, [CLOCKWORK])
        return bool(cursor.fetchone()[0])


def _anchors(status: Sequence[AnchorStatus]) -> Alarm:
    if not status:
        return Alarm("anchors", State.UNKNOWN, "No anchor is configured.")
    late = [anchor for anchor in status if anchor.is_late and anchor.lag is not None]
    if late:
        longest = max(anchor.lag for anchor in late if anchor.lag is not None)
        words = (
            f"{len(late)} of {len(status)} anchor{'' if len(status) == 1 else 's'} behind,"
            f" the longest for {lasting(longest)}."
        )
        since = timezone.now() - longest
        return Alarm("anchors", State.ALARM, words, since, "The table below says why.")
    if all(anchor.lag is None for anchor in status):
        return Alarm("anchors", State.UNKNOWN, "There is nothing to anchor yet.")
    return Alarm("anchors", State.QUIET, "None is behind.")


def _verification(began: datetime | None) -> Alarm:
    now = timezone.now()
    whole = VerificationRun.objects.filter(scope="").order_by("-started_at")
    running = whole.filter(status=runs.Status.RUNNING, beat_at__gt=now - runs.SILENCE)
    finished = whole.exclude(status__in=[runs.Status.RUNNING, runs.Status.INTERRUPTED])
    last = finished.values_list("started_at", flat=True).first()
    since = last or began
    if since is None:
        return Alarm("verification", State.UNKNOWN, "There is nothing to verify yet.")
    if now - since <= LONGEST_UNVERIFIED:
        if last:
            return Alarm("verification", State.QUIET, "Verified within the last day.", last)
        words = "Not verified yet; the first verification follows this night."
        return Alarm("verification", State.UNKNOWN, words)
    if running.exists():
        return Alarm("verification", State.QUIET, "A verification is running.", since)
    ago = lasting(now - since)
    words = f"The last verification of the whole record began {ago} ago."
    if last is None:
        words = f"The record began {ago} ago and was never verified as a whole."
    remedy = "Verify it now; if no nightly verification ran, its log says why."
    return Alarm("verification", State.ALARM, words, since, remedy)


def _entries(late: Sequence[Unsigned] | Sequence[Waiting]) -> str:
    entries = sum(one.entries for one in late)
    number = f"{entries:,} entry" if entries == 1 else f"{entries:,} entries"
    streams = "1 stream" if len(late) == 1 else f"{len(late):,} streams"
    return f"{number} in {streams} {'is' if entries == 1 else 'are'}"
