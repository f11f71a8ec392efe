"""Read records straight from their bytes, past every index: what verification relies on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection

from ledger.canonical_json import CanonicalError, parse
from ledger.envelope import StoredRecord, read_record
from ledger.verifier.envelope import envelope_fault

WAITING = -1  # the sequence number of what is not linked yet
_CHUNK = 1000

# In canonical bytes a quote inside a text is always escaped: only a key looks like a mark.
_NAMED = """
SELECT s.origin, coalesce(e.seq, %s), coalesce(e.sealed_us, 0), coalesce(e.hash, ''), b.body
FROM ledger.body b JOIN ledger.stream s ON s.id = b.stream
LEFT JOIN ledger.entry e ON e.body_id = b.id
WHERE EXISTS (SELECT FROM unnest(%s::bytea[]) mark WHERE position(mark IN b.body) > 0)
  AND (%s::text IS NULL OR s.origin = %s)
ORDER BY s.id, e.seq NULLS LAST, b.id
"""

_IN_TIME = """
SELECT s.origin, e.seq, b.body
FROM ledger.entry e
JOIN ledger.body b ON b.id = e.body_id JOIN ledger.stream s ON s.id = e.stream
WHERE EXISTS (SELECT FROM unnest(%s::bytea[]) mark WHERE position(mark IN b.body) > 0)
ORDER BY e.sealed_us, s.id, e.seq
"""


def records(events: Collection[str], *, origin: str | None = None) -> Iterator[StoredRecord]:
    """Yield every record of these events in the order of each stream, waiting ones last.

    Bodies that are no events are left out here; verification reports each of them.
    """
    marks = [f'"event":"{name}"'.encode() for name in sorted(events)]
    if not marks:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(_NAMED, [WAITING, marks, origin, origin])
        while rows := cursor.fetchmany(_CHUNK):
            for row in rows:
                found = _record(*row)
                if found and found.event in events:
                    yield found


def in_time(marks: Collection[bytes]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield origin, number and event of sealed bodies that hold a mark, by time of sealing.

    The order is that over all streams.  Bodies that are no events are left out.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_IN_TIME, [list(marks)])
        while rows := cursor.fetchmany(_CHUNK):
            for origin, seq, body in rows:
                try:
                    event = parse(bytes(body))
                except CanonicalError:
                    continue
                if not envelope_fault(event):
                    yield origin, seq, event


def _record(
    origin: str, seq: int, sealed_us: int, entry_hash: memoryview, body: memoryview
) -> StoredRecord | None:
    try:
        return read_record(origin, seq, sealed_us, bytes(entry_hash), bytes(body))
    except CanonicalError:
        return None
