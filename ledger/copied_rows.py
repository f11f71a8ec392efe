"""A segment's rows as PostgreSQL copies them: binary, one row a message, read without a parser.

A row as it should be is told by the lengths of its fields and checked where it lies; any other
row is taken apart with care and judged at leisure.  Layout: "COPY", File Formats, Binary Format
in PostgreSQL's manual.
"""

from __future__ import annotations

import struct
from typing import Any, Protocol

SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
END = b"\xff\xff"
_HEADER = struct.Struct(">11sII")
_LENGTH = struct.Struct(">i")
FIELDS = 7
# Number of fields; then length and value of seq, sealed_us, commitment, hash, the body's stream
# and salt; then the body's length.
USUAL = struct.Struct(">hiqiqi32si32siii16si")
LENGTHS = (FIELDS, 8, 8, 32, 32, 4, 16)
SEQ, TIME, BODY = slice(6, 14), slice(18, 26), USUAL.size  # where they lie in a usual row
_STATEMENT = """
COPY (
    SELECT e.seq, e.sealed_us, e.commitment, e.hash, b.stream, b.salt, b.body
    FROM ledger.entry e LEFT JOIN ledger.body b ON b.id = e.body_id
    WHERE e.stream = %s AND e.seq >= %s AND e.seq < %s ORDER BY e.seq
) TO STDOUT (FORMAT binary)
"""


class Taker(Protocol):
    """Whoever takes the rows, one after the other, each as the bytes of its message."""

    def copied(self, message: bytes) -> None: ...


class _Sink:
    """What psycopg2 writes to: drops the header and the end, passes every row on."""

    def __init__(self, taker: Taker) -> None:
        self.taker = taker

    def write(self, message: bytes) -> None:
        if message.startswith(SIGNATURE):
            _, _, more = _HEADER.unpack_from(message)
            message = message[_HEADER.size + more :]
        if message not in (b"", END):
            self.taker.copied(message)


def copy(connection: Any, stream: int, start: int, end: int, taker: Taker) -> None:
    """Give `taker` the rows of a stream's entries from `start` up to `end` (not included)."""
    with connection.cursor() as cursor:
        statement = cursor.mogrify(_STATEMENT, [stream, start, end]).decode()
        cursor.copy_expert(statement, _Sink(taker))


def fields(message: bytes) -> list[bytes | None]:
    """Return the fields of a row, None for NULL; raise ValueError if it is no row."""
    (count,) = struct.unpack_from(">h", message)
    at, found = 2, []
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(message, at)
        at += _LENGTH.size
        found.append(None if length < 0 else message[at : at + length])
        at += max(length, 0)
    if at != len(message) or len(found) != FIELDS:
        raise ValueError("PostgreSQL copied something that is no row.")
    return found
