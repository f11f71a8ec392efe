"""Read a stream as it stood at one moment, a few entries at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection, transaction

from ledger.canonical_json import CanonicalError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_CHUNK = 64  # bodies of 1 MiB each would still fit in memory
_ROWS = """
SELECT e.seq, e.sealed_us, e.commitment, e.hash, b.salt, b.body
FROM ledger.entry e JOIN ledger.body b ON b.id = e.body_id
WHERE e.stream = %s AND e.seq >= %s AND e.seq < %s
"""
_MARKED = "AND EXISTS (SELECT FROM unnest(%s::bytea[]) m WHERE position(m IN b.body) > 0)"


class Row(NamedTuple):
    """An entry as stored; salt and body are None where it was erased."""

    seq: int
    sealed_us: int
    commitment: bytes
    hash: bytes
    salt: bytes | None
    body: bytes | None


@contextmanager
def one_moment() -> Iterator[None]:
    """Let everything read inside the block be of one moment, whoever writes meanwhile."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def rows(
    stream: int, size: int, *, start: int = 0, marks: Sequence[bytes] | None = None
) -> Iterator[Row]:
    """Yield the entries `start` to `size` (not included), in order.

    With `marks`, only those whose body holds one of these byte strings.
    """
    query = _ROWS + (_MARKED if marks is not None else "") + " ORDER BY e.seq"
    parameters: list[Any] = [stream, start, size, *([list(marks)] if marks is not None else [])]
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while fetched := cursor.fetchmany(_CHUNK):
            for row in fetched:
                yield _row(*row)


def _row(
    seq: int, sealed_us: int, commitment: memoryview, entry_hash: memoryview, *kept: Any
) -> Row:
    salt, body = (None if value is None else bytes(value) for value in kept)
    return Row(seq, sealed_us, bytes(commitment), bytes(entry_hash), salt, body)


def parsed(row: Row) -> dict[str, Any]:
    """Return what a body says; an empty object for bytes that are gone or say nothing."""
    try:
        return parse(row.body or b"")
    except CanonicalError:
        return {}


def told(stream: int, size: int, *events: str) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Yield every entry of these events, with what it says."""
    marks = [f'"event":"{name}"'.encode() for name in events]
    for row in rows(stream, size, marks=marks):
        written = parsed(row)
        if written.get("event") in events:
            yield row, written
