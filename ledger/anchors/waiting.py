"""What waits for which anchor, and how each of them stands: one query for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection

from ledger.events import AnchorPublished
from ledger.references import ORGANISATION, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.anchors.base import Anchor
    from ledger.models import Stream

HOUSEKEEPING = (AnchorPublished.name,)  # written because of an anchor: no reason for the next
TICK = timedelta(days=1)  # after which housekeeping alone is anchored too

_ONLY_HOUSEKEEPING = """
SELECT NOT EXISTS (
    SELECT FROM ledger.entry e LEFT JOIN ledger_indexedentry i ON i.body_id = e.body_id
    WHERE e.stream = %s AND e.seq >= %s AND e.seq < %s
    AND (i.event IS NULL OR i.event <> ALL (%s))
)
"""
# For each anchor and stream: the newest checkpoint, and when the first was made that holds an
# entry which the anchor has not and which is there for its own sake.
_STANDING = """
SELECT k.place, s.id, s.origin, coalesce(a.last_size, 0), a.last_at, a.last_success,
    a.failing_since, coalesce(a.error, ''), coalesce(a.failures, 0), a.next_try,
    coalesce(a.declined, false), coalesce(a.told, false), newest.size, waiting.created_at
FROM unnest(%(kinds)s::text[], %(targets)s::text[], %(alone)s::boolean[])
    WITH ORDINALITY AS k (kind, target, alone, place)
JOIN ledger.stream s ON NOT k.alone OR s.origin = %(organisation)s
JOIN LATERAL (
    SELECT c.size FROM ledger.checkpoint c
    WHERE c.stream = s.id ORDER BY c.size DESC LIMIT 1
) newest ON true
LEFT JOIN ledger_anchorstate a
    ON (a.kind, a.target, a.stream_id) = (k.kind, k.target, s.id)
LEFT JOIN LATERAL (
    SELECT e.seq FROM ledger.entry e
    LEFT JOIN ledger_indexedentry i ON i.body_id = e.body_id
    WHERE e.stream = s.id AND e.seq >= coalesce(a.last_size, 0) AND e.seq < newest.size
        AND (i.event IS NULL OR i.event <> ALL (%(housekeeping)s))
    ORDER BY e.seq LIMIT 1
) first ON true
LEFT JOIN LATERAL (
    SELECT c.created_at FROM ledger.checkpoint c
    WHERE c.stream = s.id AND c.size > first.seq ORDER BY c.size LIMIT 1
) waiting ON true
ORDER BY k.place, s.id
"""


class Standing(NamedTuple):
    """How one anchor stands to one stream; `waiting_since` is None when it lacks nothing.

    `told` says that the delay it is in has been recorded already.
    """

    place: int
    stream: int
    origin: str
    last_size: int
    last_at: datetime | None
    last_success: datetime | None
    failing_since: datetime | None
    error: str
    failures: int
    next_try: datetime | None
    declined: bool
    told: bool
    newest: int
    waiting_since: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Tell whether the newest checkpoint is to be handed over now."""
        if self.next_try is not None and now < self.next_try:
            return False
        if self.waiting_since is not None:
            return True
        daily = self.last_success is None or now - self.last_success >= TICK
        return self.newest > self.last_size and daily


@dataclass(frozen=True)
class AnchorStatus:
    """How an anchor stands, as pages show it.

    `last_size` is that of the organisation's stream.  `lag` is how long the oldest checkpoint
    that it lacks has waited: zero when it has all, None while there is nothing to anchor.
    """

    kind: str
    target: str
    remark: str
    last_success: datetime | None
    last_size: int
    failing_since: datetime | None
    error: str
    lag: timedelta | None

    @property
    def is_late(self) -> bool:
        return self.lag is not None and self.lag > allowed_lag()


def allowed_lag() -> timedelta:
    """Return after how long a missing checkpoint is an alarm: two intervals of the signer."""
    return 2 * timedelta(seconds=settings.CHECKPOINT_SECONDS)


def only_housekeeping(stream: Stream, from_size: int, to_size: int) -> bool:
    """Tell whether a stream grew from one size to another by entries about anchors alone.

    Such growth is anchored with the next entry that is there for its own sake, or once a day:
    else each anchor's entry would make the next checkpoint, and that the next anchor.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONLY_HOUSEKEEPING, [stream.pk, from_size, to_size, list(HOUSEKEEPING)])
        return bool(cursor.fetchone()[0])


def standings(anchors: Sequence[Anchor]) -> list[Standing]:
    """Return how each of `anchors` (by its place, from 1) stands to each stream it takes."""
    organisation = origin_of(settings.LEDGER_SITE, ORGANISATION)
    elsewhere = f"{settings.LEDGER_SITE}/ledger/p/any"
    with connection.cursor() as cursor:
        cursor.execute(
            _STANDING,
            {
                "kinds": [anchor.kind for anchor in anchors],
                "targets": [anchor.target for anchor in anchors],
                "alone": [not anchor.takes(elsewhere) for anchor in anchors],
                "organisation": organisation,
                "housekeeping": list(HOUSEKEEPING),
            },
        )
        return [Standing(*row) for row in cursor.fetchall()]


def status_of(anchors: Sequence[Anchor]) -> list[AnchorStatus]:
    """Return how each of `anchors` stands, in their order."""
    now = datetime.now(UTC)
    by_place = {place: list(of) for place, of in groupby(standings(anchors), lambda s: s.place)}
    return [
        _summed_up(anchor, by_place.get(place, []), now)
        for place, anchor in enumerate(anchors, start=1)
    ]


def _summed_up(anchor: Anchor, all_streams: Iterable[Standing], now: datetime) -> AnchorStatus:
    mine = [standing for standing in all_streams if not standing.declined]
    waiting = [s.waiting_since for s in mine if s.waiting_since is not None]
    failing = [s for s in mine if s.failing_since is not None]
    failing.sort(key=lambda s: s.failing_since or now)
    organisation = origin_of(settings.LEDGER_SITE, ORGANISATION)
    return AnchorStatus(
        kind=anchor.kind,
        target=anchor.target,
        remark=anchor.remark,
        last_success=max((s.last_success for s in mine if s.last_success), default=None),
        last_size=max((s.last_size for s in mine if s.origin == organisation), default=0),
        failing_since=failing[0].failing_since if failing else None,
        error=failing[0].error if failing else "",
        lag=(now - min(waiting) if waiting else timedelta(0)) if mine else None,
    )
