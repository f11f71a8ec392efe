"""A save through Django with each way to keep what happened, who did it included."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from statistics import median
from typing import Any

import pghistory
from auditlog.context import set_actor
from django.contrib.auth import get_user_model
from django.db import transaction
from simple_history.models import HistoricalRecords

import ledger
from bench import bodies, models
from bench.events import FindingSaved
from bench.figures import added

TEXT = "A rounded opacity in the right upper lobe, 14 mm, not seen in the study before. " * 3
BLOCK = 10


class _Request:
    """As much of a request as django-simple-history's middleware keeps."""

    def __init__(self, user: Any) -> None:
        self.user = user


def _historical(user: Any) -> AbstractContextManager[None]:
    HistoricalRecords.context.request = _Request(user)
    return nullcontext()


def _kept(finding: Any) -> None:
    ledger.append(
        FindingSaved(
            title=finding.title,
            label=finding.label,
            state=finding.state,
            frame=finding.frame,
            note=finding.note,
        ),
        actor=bodies.ACTOR,
        subject=bodies.Thing(),
    )


def _nothing(finding: Any) -> None:
    """Do nothing more: the peers hang on the save itself."""


Arm = tuple[type[models.Finding], Callable[[Any], None], Callable[[Any], Any]]
ARMS: dict[str, Arm] = {
    "plain": (models.PlainFinding, _nothing, lambda _: nullcontext()),
    "ledger": (
        models.RecordedFinding,
        _kept,
        lambda _: ledger.origin(session="s-1", device="accounts.device:d", address="192.0.2.9"),
    ),
    "simple_history": (models.HistoricalFinding, _nothing, _historical),
    "auditlog": (models.AuditedFinding, _nothing, set_actor),
    "pghistory": (
        models.TrackedFinding,
        _nothing,
        lambda user: pghistory.context(user=str(user.pk), url="/findings/"),
    ),
}


def measure(rounds: int = 40) -> dict[str, Any]:
    """Create and change rows in each arm in turn; return medians and what each one adds."""
    user = get_user_model().objects.create(email="bench@example.org")
    creates: dict[str, list[float]] = {name: [] for name in ARMS}
    changes: dict[str, list[float]] = {name: [] for name in ARMS}
    for number in range(rounds + 2):
        for name in sorted(ARMS, key=lambda name: hash((name, number))):
            created, changed = _block(*ARMS[name], user)
            if number > 1:  # the first ones warm up
                creates[name] += created
                changes[name] += changed
    more = {
        name: added(creates[name], creates["plain"]) + added(changes[name], changes["plain"])
        for name in ARMS
    }
    return {
        "saves": {name: len(done) * 2 for name, done in creates.items()},
        "create_p50_us": {name: round(median(done) * 1e6) for name, done in creates.items()},
        "change_p50_us": {name: round(median(done) * 1e6) for name, done in changes.items()},
        "added_us": {name: round(seconds / 2 * 1e6) for name, seconds in more.items()},
        "ratio": {
            name: round(more["ledger"] / more[name], 3)
            for name in ("simple_history", "auditlog", "pghistory")
        },
    }


def _block(
    model: type[models.Finding],
    keep: Callable[[Any], None],
    context: Callable[[Any], Any],
    user: Any,
) -> tuple[list[float], list[float]]:
    """Return the seconds of BLOCK creations and changes, each its own transaction."""
    created, changed = [], []
    with context(user):
        for number in range(BLOCK):
            began = time.perf_counter()
            with transaction.atomic():
                finding = model(
                    title="Lesion", label="4147007", state="draft", frame=number, note=TEXT
                )
                finding.save()
                keep(finding)
            created.append(time.perf_counter() - began)
            finding.state = "submitted"
            began = time.perf_counter()
            with transaction.atomic():
                finding.save()
                keep(finding)
            changed.append(time.perf_counter() - began)
    return created, changed
