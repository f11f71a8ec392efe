"""What is compared: each arm gives a step, one durable transaction of its thread."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

import ledger
from bench import bodies
from bench.events import FindingSaved
from ledger import sealer

Step = Callable[[], object]
PREPARED = 500  # bodies made before the clock runs; salts and commitments differ anyway

_PLAIN = "INSERT INTO bench_plain (stream, salt, body) VALUES (%s, %s, %s)"
_APPEND = "INSERT INTO ledger.body (stream, salt, body) VALUES (%s, %s, %s)"


def stream() -> int:
    """Return the number of the benchmark's stream, opened on first use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.open_stream(%s)", ["localhost/ledger/p/bench"])
        return int(cursor.fetchone()[0])


def _statement(sql: str, after: Step) -> Step:
    """Return a step of one bare statement: BEGIN, INSERT, COMMIT, as Django sends them."""
    number = stream()
    raw: Any = connection.connection
    cursor = raw.cursor()
    ready = [bodies.body() for _ in range(PREPARED)]
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        raw.autocommit = False
        cursor.execute(sql, (number, bodies.salt(), ready[count % PREPARED]))
        raw.commit()
        raw.autocommit = True
        after()

    return step


def plain() -> Step:
    """Insert the bytes into a table with the same columns and nothing else."""
    return _statement(_PLAIN, lambda: None)


def append() -> Step:
    """Insert the same bytes into the ledger; whatever waits is sealed as in the web process."""
    return _statement(_APPEND, sealer.after_commit)


def whole() -> Step:
    """Append an event by `ledger.append`: envelope, canonical bytes and search index too."""
    thing = bodies.Thing()
    event = FindingSaved(
        title="Lesion", label="4147007", state="draft", frame=7, note="x" * 120
    )

    def step() -> None:
        with transaction.atomic():
            ledger.append(event, actor=bodies.ACTOR, subject=thing)

    return step


ARMS: dict[str, Callable[[], Step]] = {"plain": plain, "append": append, "whole": whole}
