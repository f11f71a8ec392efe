"""Legal holds: placed by one person, lifted by two; what they cover is not erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

import ledger
from accounts import subjects
from accounts.errors.base import ReasonMissingError
from accounts.errors.retention import (
    HoldLiftAskedError,
    HoldLiftedError,
    HoldNotAskedError,
    HoldScopeError,
    SecondPersonError,
)
from accounts.events.retention import (
    LegalHoldLifted,
    LegalHoldLiftRequested,
    LegalHoldPlaced,
)
from accounts.models import LegalHold, Project, User
from accounts.permissions import require_steward
from accounts.retention import SHORTEST_REASON

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

LOCK = 0x48454C44  # one number for "what is held, and what goes", of PostgreSQL's own kind
Covers = LegalHold.Covers


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a hold is to cover; days are included and are UTC days."""

    covers: str
    subject_ref: str = ""
    first_day: date | None = None
    last_day: date | None = None


def lock() -> None:
    """Let holds and erasures wait for each other until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def place(project: Project | None, *, scope: Scope, by: User, reason: str) -> LegalHold:
    """Hold what `scope` covers in the stream of `project`; None: the organisation's.

    Raises PermissionDenied, HoldScopeError or ReasonMissingError; then nothing is recorded.
    """
    require_steward(by, project)

    lock()
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError
    _require_scope(scope)

    hold = LegalHold.objects.create(
        project=project,
        covers=scope.covers,
        subject_ref=scope.subject_ref,
        first_day=scope.first_day,
        last_day=scope.last_day,
        reason=reason.strip(),
        placed_by=by,
        placed_at=timezone.now(),
    )

    ledger.append(
        LegalHoldPlaced(
            covers=hold.covers,
            subject_ref=hold.subject_ref,
            first_day=str(hold.first_day) if hold.first_day else None,
            last_day=str(hold.last_day) if hold.last_day else None,
        ),
        actor=by,
        subject=hold,
        reason=hold.reason,
    )
    return hold


def _require_scope(scope: Scope) -> None:
    first, last = scope.first_day, scope.last_day
    if scope.covers == Covers.STREAM:
        fits = not scope.subject_ref and first is last is None
    elif scope.covers == Covers.SUBJECT:
        fits = ledger.is_reference(scope.subject_ref) and first is last is None
    else:
        fits = scope.covers == Covers.PERIOD and not scope.subject_ref
        fits = fits and first is not None and last is not None and first <= last
    if not fits:
        raise HoldScopeError


@transaction.atomic
def ask_to_lift(hold: LegalHold, *, by: User, reason: str) -> LegalHold:
    """Ask that `hold` be lifted; it stands until somebody else lifts it.

    Raises PermissionDenied, HoldLiftedError, HoldLiftAskedError or ReasonMissingError.
    """
    require_steward(by, hold.project)

    hold = _locked(hold)
    if hold.lift_asked_by_id:
        raise HoldLiftAskedError
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError

    hold.lift_asked_by, hold.lift_asked_at = by, timezone.now()
    hold.lift_reason = reason.strip()
    hold.save(update_fields=["lift_asked_by", "lift_asked_at", "lift_reason"])

    ledger.append(
        LegalHoldLiftRequested(covers=hold.covers),
        actor=by,
        subject=hold,
        reason=hold.lift_reason,
    )
    return hold


@transaction.atomic
def lift(hold: LegalHold, *, by: User) -> LegalHold:
    """Lift `hold`, which somebody else asked for.

    Raises PermissionDenied, HoldLiftedError, HoldNotAskedError or SecondPersonError.
    """
    require_steward(by, hold.project)

    hold = _locked(hold)
    if hold.lift_asked_by is None:
        raise HoldNotAskedError
    if hold.lift_asked_by_id == by.pk:
        raise SecondPersonError("lifts the hold")

    hold.lifted_by, hold.lifted_at = by, timezone.now()
    hold.save(update_fields=["lifted_by", "lifted_at"])

    ledger.append(
        LegalHoldLifted(
            covers=hold.covers,
            requested_by=hold.lift_asked_by.ledger_ref,
            lifted_by=by.ledger_ref,
        ),
        actor=by,
        subject=hold,
        reason=hold.lift_reason,
    )
    return hold


def _locked(hold: LegalHold) -> LegalHold:
    lock()
    rows = LegalHold.objects.select_for_update(of=("self",)).select_related("project")
    hold = rows.get(pk=hold.pk)
    if hold.lifted_at is not None:
        raise HoldLiftedError
    return hold


def holding(
    stream: str | None,
    *,
    refs: Collection[str],
    sealed: Collection[datetime],
    whole: str = "",
) -> LegalHold | None:
    """Return a standing hold that touches a stream's entries; None if none does.

    `refs` are the subjects concerned, `sealed` the times at which the entries were sealed;
    `whole` is a subject that goes with everything that belongs to it.
    """
    for hold in LegalHold.objects.standing().filter(
        project=Project(pk=stream) if stream else None
    ):
        if hold.covers == Covers.STREAM:
            return hold
        if hold.covers == Covers.SUBJECT and _about(hold, refs, whole):
            return hold
        if hold.covers == Covers.PERIOD and any(_within(hold, moment) for moment in sealed):
            return hold
    return None


def _about(hold: LegalHold, refs: Collection[str], whole: str) -> bool:
    if hold.subject_ref in refs:
        return True
    return bool(whole) and whole in subjects.holders({hold.subject_ref})


def _within(hold: LegalHold, moment: datetime) -> bool:
    assert hold.first_day is not None
    assert hold.last_day is not None
    return hold.first_day <= moment.date() <= hold.last_day
