"""Append to the record: one statement inside the caller's transaction, linked at its COMMIT."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction

from ledger import sealer
from ledger.canonical_json import canonical
from ledger.envelope import envelope
from ledger.hashing import SALT_BYTES, commitment
from ledger.models import Entry
from ledger.references import ORGANISATION, origin_of, reference

if TYPE_CHECKING:
    from ledger.references import Actor, Subject
    from ledger.registry import Event

_APPEND = """
WITH written AS (
    INSERT INTO ledger.body (stream, salt, body)
    SELECT id, %s, %s FROM ledger.stream WHERE origin = %s RETURNING id, stream
)
INSERT INTO ledger_indexedentry
    (body_id, stream_id, event, actor, subject, at, session, device)
SELECT id, stream, %s, %s, %s, %s, %s, %s FROM written RETURNING body_id
"""


@dataclass(frozen=True)
class Receipt:
    """What the one who appended may keep: stream, body and the commitment (hex) to it."""

    stream: str
    body_id: int
    commitment: str

    def seq(self) -> int | None:
        """Return the entry's position; None until its transaction is committed and sealed."""
        return Entry.objects.filter(pk=self.body_id).values_list("seq", flat=True).first()


def append(
    event: Event, *, actor: Actor | str, subject: Subject | str, reason: str | None
) -> Receipt:
    """Write `event` and see that it is linked; see `ledger.append`."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Append inside the transaction of the change that the entry is about."
        )
    key = None if isinstance(subject, str) else subject.ledger_stream
    origin = origin_of(settings.LEDGER_SITE, key or ORGANISATION)
    at = datetime.now(UTC)
    written = envelope(
        event,
        actor=reference(actor),
        subject=reference(subject),
        reason=reason,
        at=at,
        stream=key,
    )
    salt, body = secrets.token_bytes(SALT_BYTES), canonical(written)
    body_id = _write(origin, salt, body, _index_of(written, at))
    transaction.on_commit(sealer.after_commit)
    return Receipt(origin, body_id, commitment(salt, body).hex())


def _index_of(written: dict[str, Any], at: datetime) -> list[Any]:
    origin = written["origin"]
    return [
        written["event"],
        written["actor"],
        written["subject"],
        at,
        origin["session"],
        origin["device"],
    ]


def _write(origin: str, salt: bytes, body: bytes, index: list[Any]) -> int:
    """Insert body and index; the stream is opened on first use."""
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, [salt, body, origin, *index])
        row = cursor.fetchone()
        if row is None:
            cursor.execute("SELECT ledger.open_stream(%s)", [origin])
            cursor.execute(_APPEND, [salt, body, origin, *index])
            row = cursor.fetchone()
    return int(row[0])
