"""Run the probes: each acts on the live system, and what it observed becomes an entry."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection, connections, transaction

from ledger import chain, history
from ledger.evidence.events import ControlProbed
from ledger.models import Entry
from ledger.registry import Control, Observation, controls

if TYPE_CHECKING:
    from ledger.references import Actor

RUNNER = "system:run_probes"
ACTING = frozenset({"probe", "platform"})
LOCK = (1279542613, 1)  # in the ledger's row of locks, after that of verifications
PATIENCE = 5.0  # seconds a thread may take until it has the lock


class ProbesRunningError(RuntimeError):
    """The probes run one at a time: two runs at once would meet each other's attacks."""

    def __init__(self) -> None:
        super().__init__("The checks are running already; wait until they are done.")


@dataclass(frozen=True, kw_only=True)
class Probed:
    """One observation of one control, and how long its control took to make it."""

    control: str
    observation: Observation
    milliseconds: int


def run(*, by: Actor | str = RUNNER) -> list[Probed]:
    """Run every probe and platform control once; return what was observed, all recorded.

    `by` is who had them run.  A probe that cannot finish is an observation too: an error,
    which fails its clauses.  Raises ProbesRunningError while another run is under way.
    """
    with _alone():
        return _run(by)


def _run(by: Actor | str) -> list[Probed]:
    return [probed for name in acting() for probed in _observe(name, controls[name], by)]


def acting() -> list[str]:
    """Return the names of the controls a run tries, in the order in which it does."""
    return sorted(name for name, control in controls.items() if control.mode in ACTING)


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of the probes; the database gives it back if this process ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", LOCK)
        if not cursor.fetchone()[0]:
            raise ProbesRunningError
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", LOCK)


def run_in_background(*, by: Actor | str) -> None:
    """Do the same in a thread, on a connection of its own, with the origin of this act.

    Raises ProbesRunningError.
    """
    begun = threading.Event()
    refused: list[ProbesRunningError] = []

    def work() -> None:
        try:
            with _alone():
                begun.set()
                _run(by)
        except ProbesRunningError as error:
            refused.append(error)
        finally:
            begun.set()
            connections.close_all()

    here = contextvars.copy_context()
    threading.Thread(target=here.run, args=(work,), name="probes", daemon=True).start()
    begun.wait(PATIENCE)
    if refused:
        raise refused[0]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is, or what the newest one left: controls tried, observations, faults."""

    is_running: bool
    tried: int
    controls: int
    observations: int
    faults: int
    newest: tuple[int, datetime, str] | None  # position, time and actor of the newest one


def progress(after: int | None) -> Progress:
    """Return how far the checks are; `after` is the position at which the run began."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = %s AND objid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            LOCK,
        )
        is_running = bool(cursor.fetchone()[0])
    told = Entry.objects.filter(
        stream__origin=history.stream_origin(None), body__indexed__event=ControlProbed.name
    ).select_related("body", "stream")
    newest = told.order_by("-seq").first()
    since = [] if after is None else [history.record_of(e) for e in told.filter(seq__gt=after)]
    results = [record.payload["result"] for record in since]
    last = history.record_of(newest) if newest else None
    return Progress(
        is_running=is_running,
        tried=len({record.payload["control"] for record in since}),
        controls=len(acting()),
        observations=len(since),
        faults=results.count("fail") + results.count("error"),
        newest=(last.sequence, last.sealed_at, last.actor) if last else None,
    )


def _observe(name: str, control: Control, by: Actor | str) -> list[Probed]:
    found: list[Probed] = []
    started = time.monotonic()
    observations = control.check()
    while True:
        try:
            observation = next(observations, None)
        except (DatabaseError, OSError, RuntimeError, ValueError, LookupError) as error:
            observation = _unfinished(control, error)
            observations = iter(())
        if observation is None:
            return found
        took = round((time.monotonic() - started) * 1000)
        probed = Probed(control=name, observation=observation, milliseconds=took)
        record(probed, by=by)
        found.append(probed)
        started = time.monotonic()


def _unfinished(control: Control, error: Exception) -> Observation:
    return Observation(
        target="this installation",
        attempted=control.title,
        expected="an observation",
        observed=f"stopped by {type(error).__name__}",
        result="error",
    )


@transaction.atomic
def record(probed: Probed, *, by: Actor | str) -> None:
    """Record one observation."""
    seen = probed.observation
    event = ControlProbed(
        control=probed.control,
        target=seen.target,
        attempted=seen.attempted,
        expected=seen.expected,
        observed=seen.observed,
        result=seen.result,
        examined=seen.examined,
        details=dict(seen.details),
        milliseconds=probed.milliseconds,
    )
    chain.append(event, actor=by, subject=f"ledger.control:{probed.control}", reason=None)
