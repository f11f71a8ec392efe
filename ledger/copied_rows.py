"""A segment's rows as PostgreSQL copies them: binary, one row a message, read without a parser.

They are given on many at a time: rows as they should be are told by the lengths of their fields
and judged together; any other row is taken apart with care and judged at leisure.  Layout:
"COPY", File Formats, Binary Format in PostgreSQL's manual.
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
BODY = USUAL.size  # where a usual row's body begins
MANY = 256  # rows given on at once, or fewer if they come to this many bytes:
MUCH = 1 << 20
# Each body is looked up by its entry: left to itself, PostgreSQL reads the whole table of
# bodies for every segment, by several processes, until the table is very much larger than one.
# The row's own stream is looked at too: an index finds a row by what it held when written.
_STATEMENT = """
COPY (
    SELECT e.seq, e.sealed_us, e.commitment, e.hash,
        CASE WHEN e.stream = %s THEN b.stream ELSE e.stream END, b.salt, b.body
    FROM ledger.entry e
    LEFT JOIN LATERAL (SELECT * FROM ledger.body WHERE id = e.body_id OFFSET 0) b ON true
    WHERE e.stream = %s AND e.seq >= %s AND e.seq < %s ORDER BY e.seq
) TO STDOUT (FORMAT binary)
"""


class Taker(Protocol):
    """Whoever takes the rows in their order, each as the bytes of its message."""

    def copied(self, messages: list[bytes]) -> None: ...


class _Sink:
    """What psycopg2 writes to: drops the header and the end, passes the rows on."""

    def __init__(self, taker: Taker) -> None:
        self.taker = taker
        self.held: list[bytes] = []
        self.length = 0

    def write(self, message: bytes) -> None:
        self.held.append(message)
        self.length += len(message)
        if len(self.held) == MANY or self.length > MUCH:
            self.pass_on()

    def pass_on(self) -> None:
        rows, self.held, self.length = self.held, [], 0
        if rows and rows[0].startswith(SIGNATURE):  # no row: it has another number of fields
            _, _, more = _HEADER.unpack_from(rows[0])
            rows[0] = rows[0][_HEADER.size + more :]
        rows = [row for row in rows if row not in (b"", END)]
        if rows:
            self.taker.copied(rows)


def copy(connection: Any, stream: int, start: int, end: int, taker: Taker) -> None:
    """Give `taker` the rows of a stream's entries from `start` up to `end` (not included).

    Holds MANY of them at most, and not much more than MUCH bytes and one body.
    """
    with connection.cursor() as cursor:
        statement = cursor.mogrify(_STATEMENT, [stream, stream, start, end]).decode()
        sink = _Sink(taker)
        cursor.copy_expert(statement, sink)
    sink.pass_on()


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
