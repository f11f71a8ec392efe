"""Append to the record: one statement inside the caller's transaction, linked at its COMMIT."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from ledger import sealer
from ledger.canonical_json import canonical
from ledger.envelope import envelope
from ledger.hashing import SALT_BYTES, commitment
from ledger.models import Entry
from ledger.references import ORGANISATION, origin_of, reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.backends.base.base import BaseDatabaseWrapper

    from ledger.references import Actor, Subject
    from ledger.registry import Event

_APPEND = "SELECT ledger.append_findable(%s, %s, %s, %s, %s, %s, %s, %s, %s)"

# `append_many` inserts, links and gives the ids in the order of the bodies.
_APPEND_MANY = """
WITH stream AS MATERIALIZED (SELECT ledger.open_stream(%(origin)s) AS id),
written AS MATERIALIZED (
    SELECT id AS stream, ledger.append_many(id, %(salts)s::bytea[], %(bodies)s::bytea[]) AS ids
    FROM stream
)
INSERT INTO ledger_indexedentry
    (body_id, stream_id, event, actor, subject, at, session, device)
SELECT of.body_id, written.stream, of.event, of.actor, of.subject, of.at, of.session, of.device
FROM written, ROWS FROM (
    unnest(written.ids), unnest(%(events)s::text[]), unnest(%(actors)s::text[]),
    unnest(%(subjects)s::text[]), unnest(%(ats)s::timestamptz[]),
    unnest(%(sessions)s::text[]), unnest(%(devices)s::text[])
) AS of (body_id, event, actor, subject, at, session, device)
"""
MANY = 1000  # entries in one statement


@dataclass(frozen=True)
class Receipt:
    """What the one who appended may keep: stream, body and the commitment (hex) to it."""

    stream: str
    body_id: int
    commitment: str

    def seq(self) -> int | None:
        """Return the entry's position; None until its transaction is committed and sealed."""
        return Entry.objects.filter(pk=self.body_id).values_list("seq", flat=True).first()

    def document(self) -> dict[str, Any]:
        """Return the receipt in the published form, with a proof once a checkpoint covers it.

        Raises ValueError until the entry's transaction is committed and sealed.
        """
        from ledger import single_files  # which signs, and so appends

        entry = Entry.objects.filter(pk=self.body_id).select_related("stream").first()
        if entry is None:
            raise ValueError("The entry is not sealed yet.")
        return single_files.receipt_of(entry.stream, entry.seq)


def append(
    event: Event, *, actor: Actor | str, subject: Subject | str, reason: str | None
) -> Receipt:
    """Write `event` and see that it is linked; see `ledger.append`."""
    database = _database_in_transaction()
    key = None if isinstance(subject, str) else subject.ledger_stream
    origin = origin_of(settings.LEDGER_SITE, key or ORGANISATION)
    salt, body, index = _written(event, actor=actor, subject=subject, reason=reason)
    with database.cursor() as cursor:  # the stream is opened on first use
        cursor.execute(_APPEND, [origin, salt, body, *index])
        (body_id,) = cursor.fetchone()
    database.on_commit(sealer.after_commit)
    return Receipt(origin, body_id, commitment(salt, body).hex())


def append_many(
    events: Iterable[tuple[Event, Subject | str]], *, actor: Actor | str, reason: str | None
) -> int:
    """Write these events and link them at once; see `ledger.append_many`."""
    database = _database_in_transaction()
    streams: dict[str, list[tuple[bytes, bytes, list[Any]]]] = {}
    for event, subject in events:
        key = None if isinstance(subject, str) else subject.ledger_stream
        origin = origin_of(settings.LEDGER_SITE, key or ORGANISATION)
        rows = streams.setdefault(origin, [])
        rows.append(_written(event, actor=actor, subject=subject, reason=reason))
    for origin in sorted(streams):  # whoever does the same at once meets us in the same order
        for start in range(0, len(streams[origin]), MANY):
            _write_many(database, origin, streams[origin][start : start + MANY])
    database.on_commit(sealer.after_commit)
    return sum(map(len, streams.values()))


def _database_in_transaction() -> BaseDatabaseWrapper:
    """Return this thread's connection itself: looking it up costs more than asking it."""
    database = connections[DEFAULT_DB_ALIAS]
    if not database.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Append inside the transaction of the change that the entry is about."
        )
    return database


def _written(
    event: Event, *, actor: Actor | str, subject: Subject | str, reason: str | None
) -> tuple[bytes, bytes, list[Any]]:
    """Return salt, body and what the search index says of it."""
    at = datetime.now(UTC)
    written = envelope(
        event,
        actor=reference(actor),
        subject=reference(subject),
        reason=reason,
        at=at,
        stream=None if isinstance(subject, str) else subject.ledger_stream,
    )
    return secrets.token_bytes(SALT_BYTES), canonical(written), _index_of(written, at)


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


def _write_many(
    database: BaseDatabaseWrapper, origin: str, rows: list[tuple[bytes, bytes, list[Any]]]
) -> None:
    """Insert, link and index these rows in one statement."""
    columns = list(zip(*(index for _, _, index in rows), strict=True))
    names = ("events", "actors", "subjects", "ats", "sessions", "devices")
    values: dict[str, Any] = {
        "origin": origin,
        "salts": [salt for salt, _, _ in rows],
        "bodies": [body for _, body, _ in rows],
        **{name: list(column) for name, column in zip(names, columns, strict=True)},
    }
    with database.cursor() as cursor:
        cursor.execute(_APPEND_MANY, values)
