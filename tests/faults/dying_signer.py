"""A signer that is killed: the record grows, is signed, and SIGKILL comes at one of its steps.

python -m tests.faults.dying_signer PROJECT STEP

A step is "before" or "after" one of tests.ledger.signing.STEPS; "flushing" or "naming", while
its memory is written; or "none".
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def kill_self(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def steps() -> list[str]:
    """Return every step at which a signer may die, in its order."""
    from tests.ledger.signing import STEPS

    around = [f"{when} {step}" for step in STEPS for when in ("before", "after")]
    return [*around[:3], "flushing", "naming", *around[3:]]


def die_at(step: str) -> None:
    """Let this process die at `step` of the next checkpoint."""
    from tests.ledger.signing import STEPS

    if step == "none":
        return
    if step in ("flushing", "naming"):
        _die_in_writing(*STEPS["remember"], step)
        return
    when, _, what = step.partition(" ")
    owner, name = STEPS[what]
    act = getattr(owner, name)

    def after(*args: Any, **kwargs: Any) -> None:
        act(*args, **kwargs)
        kill_self()

    setattr(owner, name, kill_self if when == "before" else after)


def _die_in_writing(owner: Any, name: str, step: str) -> None:
    """Die within the act that remembers: its first flush, or the change of a draft's name."""
    remember: Callable[..., None] = getattr(owner, name)
    place, called = (os, "fsync") if step == "flushing" else (os, "replace")

    def dying(*args: Any, **kwargs: Any) -> None:
        setattr(place, called, kill_self)
        remember(*args, **kwargs)

    setattr(owner, name, dying)


def main(project: str, step: str) -> None:
    """Append two entries to the project's record and sign, as far as `step` lets it."""
    import django

    django.setup()
    from accounts.models import Project
    from ledger import checkpoints
    from tests.faults.appending import append

    for number in range(2):
        append(Project.objects.get(pk=project), step, number)
    die_at(step)
    checkpoints.sign_everything()


if __name__ == "__main__":
    main(*sys.argv[1:])
