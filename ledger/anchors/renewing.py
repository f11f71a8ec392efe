"""Renew the time stamps that end soon: the daily work of `renewal`, on what is stored."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Max, Q

from ledger import chain
from ledger.anchors import renewal
from ledger.anchors.base import AnchorError
from ledger.anchors.publishing import ACTOR, SUBJECT
from ledger.anchors.stamps import Stamp, StampError, read_stamp
from ledger.anchors.time_stamps import TimeStampAnchor
from ledger.events import AnchoredAt, AnchoredHead, AnchorPublished
from ledger.hashing import sha256_hex
from ledger.models import Anchor, Checkpoint, StampEnd
from ledger.references import ORGANISATION, origin_of
from ledger.verifier.notes import Checkpoint as Head
from ledger.verifier.notes import checkpoint_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

KINDS = (TimeStampAnchor.kind, renewal.KIND)
_INSERT = """
INSERT INTO ledger.anchor (stream, size, kind, token) VALUES (%s, %s, %s, %s) RETURNING id
"""


def renew(now: datetime | None = None) -> int:
    """Renew every time stamp that ends within TSA_RENEW_DAYS; return how many were.

    They are tied to the organisation's newest checkpoint, which must be there.  Raises
    AnchorError when no authority stamps: nothing is lost, and the next day tries again.
    """
    now = now or datetime.now(UTC)
    authorities = TimeStampAnchor.configured()
    newest = _newest_checkpoint()
    if not authorities or newest is None:
        return 0
    trusted = authorities[0].trusted()
    _note_ends(newest.stream_id, trusted)
    count = 0
    while tokens := list(_due(now)[: renewal.MAX_TOKENS]):
        _renew(newest, tokens, authorities, _algorithm(now))
        count += len(tokens)
    missed = StampEnd.objects.filter(renewed_by="", until__lte=now).count()
    if missed:
        logger.error("%d time stamps ended before anything renewed them.", missed)
    return count


def _newest_checkpoint() -> Checkpoint | None:
    origin = origin_of(settings.LEDGER_SITE, ORGANISATION)
    rows = Checkpoint.objects.filter(stream__origin=origin).select_related("stream")
    return rows.order_by("-size").first()


def _note_ends(stream: int, trusted: Sequence[Certificate]) -> None:
    """Read each token once; one that is not believed now is told, and not looked at again."""
    known = StampEnd.objects.aggregate(newest=Max("anchor_id"))["newest"] or 0
    rows = Anchor.objects.filter(stream_id=stream, kind__in=KINDS, pk__gt=known).order_by("pk")
    for row in rows.iterator(chunk_size=500):
        try:
            stamp = read_row(row, trusted)
        except StampError as error:
            logger.error("Anchor %d is not believed: %s", row.pk, error)  # noqa: TRY400  no fault of ours
            continue
        StampEnd.objects.create(
            anchor=row, until=stamp.until, algorithms=" ".join(sorted(stamp.algorithms))
        )


def read_row(row: Anchor, trusted: Sequence[Certificate]) -> Stamp:
    """Return what a stored time stamp or renewal proves.  Raises StampError."""
    token = bytes(row.token)
    if row.kind == renewal.KIND:
        return renewal.read_renewal(renewal.parse_renewal(token), trusted)
    checkpoint = Checkpoint.objects.select_related("stream").get(
        stream_id=row.stream_id, size=row.size
    )
    return read_stamp(token, text_of(checkpoint), trusted)


def text_of(checkpoint: Checkpoint) -> bytes:
    """Return the three lines of a stored checkpoint."""
    head = Head(checkpoint.stream.origin, checkpoint.size, bytes(checkpoint.root))
    return checkpoint_text(head).encode()


def _ending(now: datetime) -> list[str]:
    """Return the algorithms that end within the margin."""
    soon = now + timedelta(days=settings.TSA_RENEW_DAYS)
    return [name for name, end in renewal.algorithm_ends().items() if end <= soon]


def _algorithm(now: datetime) -> str:
    """Return the hash that new renewals name tokens by: the first that does not end soon."""
    ending = _ending(now)
    strong = [name for name in renewal.HASHES if name not in ending]
    if not strong:
        raise AnchorError("TSA_ALGORITHM_ENDS leaves no hash to renew time stamps with.")
    return strong[0]


def _due(now: datetime) -> QuerySet[StampEnd]:
    """Return what is to be renewed: it ends soon, or what ties it to its renewal does."""
    soon = now + timedelta(days=settings.TSA_RENEW_DAYS)
    ending = Q(until__lte=soon, until__gt=now)
    for name in _ending(now):
        if now < renewal.algorithm_ends()[name]:
            ending |= Q(algorithms__contains=name, until__gt=now)
    due = Q(renewed_by="") & ending
    algorithm = _algorithm(now)
    if algorithm != renewal.HASHES[0]:
        due |= ~Q(renewed_by="") & ~Q(renewed_by=algorithm)
    return StampEnd.objects.filter(due).select_related("anchor").order_by("pk")


def _renew(
    newest: Checkpoint,
    ending: Sequence[StampEnd],
    authorities: Sequence[TimeStampAnchor],
    algorithm: str,
) -> None:
    """Take one renewal of all that ends, from the first authority that gives it; keep it."""
    tokens = [bytes(end.anchor.token) for end in ending]
    stated = renewal.statement(text_of(newest), tokens, algorithm)
    ends = renewal.algorithm_ends()
    latest = max(renewal.earliest(end.until, end.algorithms.split(), ends) for end in ending)
    authority, stamp = _first_stamp(authorities, stated, algorithm, latest)
    content = renewal.renewal_bytes(stated, stamp.token)
    with connections["seal"].cursor() as cursor:
        cursor.execute(_INSERT, [newest.stream_id, newest.size, renewal.KIND, content])
    with transaction.atomic():
        named = StampEnd.objects.filter(pk__in=[end.pk for end in ending])
        named.update(renewed_by=algorithm)
        where = AnchoredAt(
            kind=renewal.KIND, target=authority.target, token_sha256=sha256_hex(content)
        )
        head = AnchoredHead(
            origin=newest.stream.origin,
            size=newest.size,
            root=bytes(newest.root).hex(),
            anchors=(where,),
        )
        published = AnchorPublished(checkpoints=(head,))
        chain.append(published, actor=ACTOR, subject=SUBJECT, reason=None)


def _first_stamp(
    authorities: Sequence[TimeStampAnchor], stated: bytes, algorithm: str, latest: datetime
) -> tuple[TimeStampAnchor, Stamp]:
    """Return the first stamp that is believed for longer than what it is to renew."""
    for authority in authorities:
        try:
            stamp = authority.stamp(stated, algorithm)
        except AnchorError as error:
            logger.warning("renewal: %s", error)
            continue
        if renewal.believed_until(stamp, renewal.algorithm_ends()) > latest:
            return authority, stamp
        logger.warning("renewal: a new stamp of %s ends no later.", authority.target)
    raise AnchorError("No authority of TSA_URLS stamped: time stamps wait to be renewed.")


def renewals_of(stream: int, tokens: Sequence[bytes]) -> list[Anchor]:
    """Return the stored renewals that carry `tokens` on, oldest first: what a bundle takes
    along, so that who reads it years later can follow them.
    """
    wanted, found = list(tokens), []
    rows = Anchor.objects.filter(stream_id=stream, kind=renewal.KIND).order_by("pk")
    for row in rows.iterator(chunk_size=50):
        parsed = renewal.parse_renewal(bytes(row.token))
        if any(renewal.covers(parsed, token) for token in wanted):
            wanted.append(bytes(row.token))
            found.append(row)
    return found
