"""Which entry PostgreSQL cannot read any more, where a page on its disk is damaged."""

from __future__ import annotations

from typing import NoReturn

import psycopg2
from django.db import Error, connection

from ledger import copied_rows
from ledger.models import Stream
from ledger.segments import SEGMENT

# SQLSTATE classes: data corrupted or an internal error; a file that cannot be read
DAMAGE = {"XX", "58"}


class UnreadableError(RuntimeError):
    """PostgreSQL cannot read the record; the sentence names the first entry concerned."""

    def __init__(self, place: str, state: str | None) -> None:
        said = f" (SQLSTATE {state})" if state else ""
        super().__init__(
            f"{place} cannot be read from the database's disk{said}. Nothing is verified."
            " Keep the files of the database as they are, and restore a backup elsewhere."
        )


def refuse(error: Error | psycopg2.Error) -> NoReturn:
    """Raise UnreadableError if a damaged page is why; else `error` itself.

    Call it outside every transaction: what failed has broken its own.
    """
    state = _state(error)
    if state is None:  # no answer at all: the server is gone, not a page
        raise error
    connection.close()
    for pk, origin in Stream.objects.order_by("id").values_list("pk", "origin"):
        seq = _first_unreadable(pk)
        if seq is not None:
            raise UnreadableError(f"Entry #{seq:,} of {origin}", state) from error
    if state[:2] not in DAMAGE:
        raise error
    raise UnreadableError("A table beside the entries", state) from error


def _first_unreadable(stream: int) -> int | None:
    """Return the first position whose entry or bytes cannot be read; None if all can."""
    start = 0
    while (found := _rows(stream, start, start + SEGMENT)) == SEGMENT:
        start += SEGMENT
    if found is not None:
        return None
    end = start + SEGMENT
    while end - start > 1:
        middle = (start + end) // 2
        if _rows(stream, start, middle) is None:
            end = middle
        else:
            start = middle
    return start


class _Counter:
    """Takes rows and forgets them."""

    rows = 0

    def copied(self, messages: list[bytes]) -> None:
        self.rows += len(messages)


def _rows(stream: int, start: int, end: int) -> int | None:
    """Return how many rows there are; None where one of them cannot be read."""
    counter = _Counter()
    connection.ensure_connection()
    try:
        copied_rows.copy(connection.connection, stream, start, end, counter)
    except psycopg2.Error as error:
        if _state(error) is None:
            raise
        return None
    finally:
        connection.close()
    return counter.rows


def _state(error: BaseException) -> str | None:
    """Return PostgreSQL's five characters for an error, Django's or psycopg2's own."""
    code = getattr(error, "pgcode", None) or getattr(error.__cause__, "pgcode", None)
    return None if code is None else str(code)
