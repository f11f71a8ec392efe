"""Read records straight from their bytes, past every index: what verification relies on."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection

from ledger.canonical_json import CanonicalError
from ledger.envelope import StoredRecord, read_record

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


def _record(
    origin: str, seq: int, sealed_us: int, entry_hash: memoryview, body: memoryview
) -> StoredRecord | None:
    try:
        return read_record(origin, seq, sealed_us, bytes(entry_hash), bytes(body))
    except CanonicalError:
        return None
