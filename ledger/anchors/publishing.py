"""Hand checkpoints over, keep what comes back, and keep what fails."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, connections, transaction

from ledger import chain, tiles
from ledger.anchors import waiting
from ledger.anchors.base import (
    AnchorError,
    Before,
    ContradictionError,
    DeclinedError,
    Head,
)
from ledger.events import (
    AnchorContradicted,
    AnchorDelayed,
    AnchoredAt,
    AnchoredHead,
    AnchorPublished,
)
from ledger.hashing import sha256_hex
from ledger.models import AnchorState, Checkpoint, Stream
from ledger.references import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.anchors.base import Anchor, Taken
    from ledger.anchors.waiting import Standing
    from ledger.registry import Event

logger = logging.getLogger(__name__)

ACTOR = "system:anchors"
SUBJECT = f"ledger.stream:{ORGANISATION}"
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=1)
ASKED_AGAIN = timedelta(days=1)  # an anchor that does not take a stream
HEADS_IN_ENTRY = 100
_INSERT = "INSERT INTO ledger.anchor (stream, size, kind, token) VALUES (%s, %s, %s, %s)"


@dataclass(frozen=True)
class Outcome:
    """What one anchor did with one checkpoint; `token` is None if it did not take it."""

    kind: str
    target: str
    head: Head
    token: bytes | None = None
    error: str = ""


def publish(anchors: Sequence[Anchor], stream: Stream | None = None) -> list[Outcome]:
    """Hand over what is due, of one stream or of all; see `ledger.anchors`."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Checkpoints are handed over outside of transactions: a slow anchor holds no lock."
        )
    with _alone() as alone:
        if not alone:
            return []
        outcomes = list(_hand_over(anchors, None if stream is None else stream.pk))
        _record_published(outcomes)
        _record_delays(anchors)
    return outcomes


@contextmanager
def _alone() -> Iterator[bool]:
    """Say whether no other process publishes; 1279542614 is the next in our row of locks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(1279542614, 0)")
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(1279542614, 0)")


def _hand_over(anchors: Sequence[Anchor], stream: int | None) -> Iterator[Outcome]:
    """Yield what became of everything due; an anchor that failed is left alone for a while."""
    now = datetime.now(UTC)
    standings = waiting.standings(anchors)
    due = [s for s in standings if s.is_due(now) and stream in (None, s.stream)]
    down = {s.place for s in standings if _failed_at(s) > now - FIRST_RETRY}
    for standing in sorted(due, key=lambda s: (s.failures, s.waiting_since or now)):
        if standing.place in down:
            continue
        anchor = anchors[standing.place - 1]
        outcome, is_down = _offer(anchor, standing)
        if is_down:
            down.add(standing.place)
        yield outcome


def _delay(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row, of one stream at one anchor."""
    return min(FIRST_RETRY * (1 << min(failures - 1, 10)), LONGEST_RETRY)


def _failed_at(standing: Standing) -> datetime:
    """Return when the last attempt failed; long ago if none did, or one was taken since."""
    if not standing.failures or standing.next_try is None:
        return datetime.min.replace(tzinfo=UTC)
    return standing.next_try - _delay(standing.failures)


def _offer(anchor: Anchor, standing: Standing) -> tuple[Outcome, bool]:
    """Offer the newest checkpoint to one anchor; say what became of it and if it is down."""
    head = _head(standing)
    try:
        taken = anchor.publish(head, Before(standing.last_size, standing.last_at))
    except DeclinedError:
        _keep(anchor, standing, declined=True, next_try=datetime.now(UTC) + ASKED_AGAIN)
        return Outcome(anchor.kind, anchor.target, head), False
    except ContradictionError as error:
        _keep_failure(anchor, standing, str(error))
        _record_contradiction(anchor, standing, str(error))
        return Outcome(anchor.kind, anchor.target, head, error=str(error)), False
    except AnchorError as error:
        _keep_failure(anchor, standing, str(error))
        return Outcome(anchor.kind, anchor.target, head, error=str(error)), True
    _keep_token(anchor, standing, head, taken)
    return Outcome(anchor.kind, anchor.target, head, token=taken.token), False


def _head(standing: Standing) -> Head:
    row = Checkpoint.objects.get(stream_id=standing.stream, size=standing.newest)
    stream = Stream.objects.get(pk=standing.stream)

    def proof(old: int) -> list[bytes]:
        return tiles.consistency_proof(stream, old, row.size)

    return Head(stream.origin, row.size, bytes(row.root), row.note, proof)


def _keep_token(anchor: Anchor, standing: Standing, head: Head, taken: Taken) -> None:
    with connections["seal"].cursor() as cursor:
        cursor.execute(_INSERT, [standing.stream, head.size, anchor.kind, taken.token])
    _keep(
        anchor,
        standing,
        last_size=head.size,
        last_at=taken.at,
        last_success=datetime.now(UTC),
        failing_since=None,
        error="",
        failures=0,
        next_try=None,
        declined=False,
        told=False,
        contradiction="",
    )


def _keep_failure(anchor: Anchor, standing: Standing, error: str) -> None:
    """Remember since when and why, and wait longer each time before the next try."""
    now = datetime.now(UTC)
    logger.warning("%s: %s", anchor.kind, error)
    failures = standing.failures + 1
    _keep(
        anchor,
        standing,
        failing_since=standing.failing_since or now,
        error=error,
        failures=failures,
        next_try=now + _delay(failures),
    )


def _keep(anchor: Anchor, standing: Standing, **values: Any) -> None:
    AnchorState.objects.update_or_create(
        kind=anchor.kind, target=anchor.target, stream_id=standing.stream, defaults=values
    )


def _record_published(outcomes: Sequence[Outcome]) -> None:
    """Record what was taken in this round: one entry, and further ones only for very many."""
    heads: dict[tuple[str, int, bytes], list[AnchoredAt]] = {}
    for outcome in outcomes:
        if outcome.token is not None:
            where = AnchoredAt(
                kind=outcome.kind,
                target=outcome.target,
                token_sha256=sha256_hex(outcome.token),
            )
            head = outcome.head
            heads.setdefault((head.origin, head.size, head.root), []).append(where)
    told = [
        AnchoredHead(origin=origin, size=size, root=root.hex(), anchors=tuple(places))
        for (origin, size, root), places in heads.items()
    ]
    for first in range(0, len(told), HEADS_IN_ENTRY):
        _append(AnchorPublished(checkpoints=tuple(told[first : first + HEADS_IN_ENTRY])))


def _record_contradiction(anchor: Anchor, standing: Standing, what: str) -> None:
    """Record that an anchor holds another history: once for each thing it says."""
    state = AnchorState.objects.get(
        kind=anchor.kind, target=anchor.target, stream_id=standing.stream
    )
    if state.contradiction == what:
        return
    with transaction.atomic():
        state.contradiction = what
        state.save(update_fields=["contradiction"])
        event = AnchorContradicted(
            kind=anchor.kind,
            target=anchor.target,
            origin=standing.origin,
            size=standing.newest,
            what=what,
        )
        chain.append(event, actor=ACTOR, subject=SUBJECT, reason=None)


def _record_delays(anchors: Sequence[Anchor]) -> None:
    """Record each anchor that is late, once until it has caught up."""
    standings = waiting.standings(anchors)
    limit = datetime.now(UTC) - waiting.allowed_lag()
    for place, anchor in enumerate(anchors, start=1):
        mine = [s for s in standings if s.place == place and not s.declined]
        late = [s for s in mine if s.waiting_since is not None and s.waiting_since < limit]
        if not late or any(s.told for s in mine):
            continue
        oldest = min(late, key=lambda s: s.waiting_since or limit)
        _record_delay(anchor, oldest)


@transaction.atomic
def _record_delay(anchor: Anchor, oldest: Standing) -> None:
    _keep(anchor, oldest, told=True)
    since = (oldest.waiting_since or datetime.now(UTC)).astimezone(UTC)
    event = AnchorDelayed(
        kind=anchor.kind,
        target=anchor.target,
        origin=oldest.origin,
        waiting_since=f"{since:%Y-%m-%dT%H:%M:%S.%fZ}",
        last_size=oldest.last_size,
        error=oldest.error,
    )
    chain.append(event, actor=ACTOR, subject=SUBJECT, reason=None)


@transaction.atomic
def _append(event: Event) -> None:
    chain.append(event, actor=ACTOR, subject=SUBJECT, reason=None)
