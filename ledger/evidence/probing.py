"""Run the probes: each acts on the live system, and what it observed becomes an entry."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import DatabaseError, transaction

from ledger import chain
from ledger.evidence.events import ControlProbed
from ledger.registry import Control, Observation, controls

if TYPE_CHECKING:
    from ledger.references import Actor

RUNNER = "system:run_probes"
ACTING = frozenset({"probe", "platform"})


@dataclass(frozen=True, kw_only=True)
class Probed:
    """One observation of one control, and how long its control took to make it."""

    control: str
    observation: Observation
    milliseconds: int


def run(*, by: Actor | str = RUNNER) -> list[Probed]:
    """Run every probe and platform control once; return what was observed, all recorded.

    `by` is who had them run.  A probe that cannot finish is an observation too: an error,
    which fails its clauses.
    """
    return [
        probed
        for name, control in sorted(controls.items())
        if control.mode in ACTING
        for probed in _observe(name, control, by)
    ]


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
