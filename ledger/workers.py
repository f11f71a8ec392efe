"""Check segments in processes beside this one, all as of the same moment."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import psycopg2

from ledger.segments import Checked, Segment, check_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_NOT_OURS = ("cursor_factory", "client_encoding")  # parameters that are Django's own
_connected: list[Any] = []  # in a worker process: its connection


@contextmanager
def checking(
    parameters: Mapping[str, Any], workers: int, snapshot: str | None
) -> Iterator[Callable[[list[Segment]], Iterator[Checked]]]:
    """Give what checks segments in `workers` processes and yields the outcomes in order.

    `parameters` are those of Django's connection.  `snapshot` is one that a transaction has
    exported; it must stay open.  Without it each process reads as of its own beginning.
    Raises BrokenProcessPool if a process dies or cannot connect.
    """
    kept = {key: value for key, value in parameters.items() if key not in _NOT_OURS}
    spawned = get_context("spawn")
    with ProcessPoolExecutor(workers, spawned, _connect, (kept, snapshot)) as pool:
        yield partial(pool.map, _check)


def _connect(parameters: dict[str, Any], snapshot: str | None) -> None:
    """Connect once for the life of the process: each connection costs milliseconds."""
    connection = psycopg2.connect(**parameters)
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    if snapshot:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
    _connected.append(connection)


def _check(segment: Segment) -> Checked:
    return check_segment(_connected[0], segment)
