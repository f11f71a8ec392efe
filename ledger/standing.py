"""How a stream stands, as its signer needs it: one statement for each look.

Somebody may wait for a checkpoint, and the signer looks at every stream each minute: what it
asks is written out here, since making the same statements anew took most of its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from ledger.models import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

_STANDING = """
SELECT s.id, s.origin, s.origin_id, s.created_at,
    coalesce((SELECT e.seq + 1 FROM ledger.entry e WHERE e.stream = s.id
        ORDER BY e.seq DESC LIMIT 1), 0),
    EXISTS (SELECT FROM ledger.pending p WHERE p.stream = s.id),
    c.size, c.root, c.note
FROM ledger.stream s
LEFT JOIN LATERAL (
    SELECT size, root, note FROM ledger.checkpoint WHERE stream = s.id
    ORDER BY size DESC LIMIT 1
) c ON true
WHERE s.origin = %s
"""
_SIZES = """
SELECT s.origin, coalesce((SELECT e.seq + 1 FROM ledger.entry e WHERE e.stream = s.id
    ORDER BY e.seq DESC LIMIT 1), 0)
FROM ledger.stream s
"""
_PUBLISHED = "SELECT size, root, note FROM ledger.checkpoint WHERE stream = %s AND size = %s"
# Of the newest entries about a stream, whether one says this.
_SAID = """
SELECT EXISTS (
    SELECT FROM (
        SELECT body_id FROM ledger_indexedentry WHERE event = %s AND subject = %s
        ORDER BY body_id DESC LIMIT 8
    ) told JOIN ledger.body b ON b.id = told.body_id
    WHERE position(%s::bytea IN b.body) > 0
)
"""


@dataclass(frozen=True)
class Published:
    """A checkpoint as the database holds it."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True)
class Standing:
    """A stream at one moment: `size` counts what is linked, `published` is the newest."""

    stream: Stream
    size: int
    has_waiting: bool
    published: Published | None


def standing(origin: str) -> Standing | None:
    """Return how the stream of this origin stands; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [origin])
        row = cursor.fetchone()
    if row is None:
        return None
    number, origin, origin_id, created_at, size, has_waiting, *newest = row
    stream = Stream(id=number, origin=origin, origin_id=origin_id, created_at=created_at)
    return Standing(
        stream, size, has_waiting, None if newest[0] is None else _published(newest)
    )


def sizes() -> dict[str, int]:
    """Return how many linked entries each stream has, by its origin."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES)
        return dict(cursor.fetchall())


def published(stream: Stream, size: int) -> Published | None:
    """Return the checkpoint published at `size`; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED, [stream.pk, size])
        row = cursor.fetchone()
    return None if row is None else _published(row)


def _published(row: Sequence[Any]) -> Published:
    size, root, note = row
    return Published(size, bytes(root), note)


def is_said(event: str, subject: str, said: bytes) -> bool:
    """Tell whether one of the newest entries of `event` about `subject` has these bytes."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [event, subject, said])
        return bool(cursor.fetchone()[0])
