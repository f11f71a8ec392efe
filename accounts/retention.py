"""Periods: how long each class is kept here, never shorter than the minimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.retention import (
    PeriodTooShortError,
    PeriodUnchangedError,
    UnknownClassError,
)
from accounts.events.retention import (
    RetentionPeriodSet,
    RetentionSchedulePublished,
    ScheduledClass,
)
from accounts.models import Project, RetentionPeriod, User
from accounts.permissions import require_organisation_permission, require_steward

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

MOST_YEARS = 100
SHORTEST_REASON = 3
SCHEDULE = "accounts.retention_schedule:organisation"


@dataclass(frozen=True)
class Periods:
    """The years in force for each class: the organisation's, and longer ones of projects."""

    chosen: dict[tuple[str, str | None], int]

    def years(self, key: str, stream: str | None) -> int:
        """Return the longest of minimum, organisation's choice and project's choice."""
        least = ledger.retention_classes()[key].years
        organisation = self.chosen.get((key, None), least)
        return max(least, organisation, self.chosen.get((key, stream), least))

    def due(self, event: str, sealed_at: datetime, stream: str | None) -> datetime | None:
        """Return when an entry may go; None while its period has not begun."""
        held = ledger.retention_class(event)
        return held.due(sealed_at, years=self.years(held.key, stream))


def periods() -> Periods:
    """Return every period chosen on this site, by one query."""
    rows: Iterable[tuple[str, object, int]] = RetentionPeriod.objects.values_list(
        "class_key", "project_id", "years"
    )
    return Periods({(key, str(pk) if pk else None): years for key, pk, years in rows})


@transaction.atomic
def set_period(
    key: str, *, project: Project | None, years: int, by: User, reason: str
) -> RetentionPeriod:
    """Keep a class for `years`, in `project` or in the whole organisation.

    Raises PermissionDenied, UnknownClassError, ReasonMissingError, PeriodTooShortError or
    PeriodUnchangedError; then nothing has changed and nothing is recorded.
    """
    require_steward(by, project)

    _lock()
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError
    least, before = _in_force(key, project)
    if not least <= years <= MOST_YEARS:
        raise PeriodTooShortError(least)
    if years == before:
        raise PeriodUnchangedError(years)

    period, _ = RetentionPeriod.objects.update_or_create(
        class_key=key,
        project=project,
        defaults={
            "years": years,
            "set_by": by,
            "set_at": timezone.now(),
            "reason": reason.strip(),
        },
    )

    ledger.append(
        RetentionPeriodSet(
            class_key=key, years=years, previous_years=before, minimum_years=least
        ),
        actor=by,
        subject=period,
        reason=reason.strip(),
    )
    return period


def _in_force(key: str, project: Project | None) -> tuple[int, int]:
    """Return what may not be gone below (the table's years, or the site's), and what holds."""
    if key not in ledger.retention_classes():
        raise UnknownClassError
    chosen = periods()
    if project is None:
        return ledger.retention_classes()[key].years, chosen.years(key, None)
    return chosen.years(key, None), chosen.years(key, str(project.pk))


def _lock() -> None:
    """Let one change of periods wait for the other: the minimum is read, then written."""
    list(RetentionPeriod.objects.select_for_update().values_list("pk"))


@transaction.atomic
def publish(*, by: User, reason: str) -> None:
    """Record the schedule as it is in force, so that evidence can be judged by it.

    Raises PermissionDenied or ReasonMissingError; then nothing is recorded.
    """
    require_organisation_permission(by, "manage_retention")

    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError

    ledger.append(
        RetentionSchedulePublished(classes=_scheduled()),
        actor=by,
        subject=SCHEDULE,
        reason=reason.strip(),
    )


def _scheduled() -> tuple[ScheduledClass, ...]:
    chosen = periods()
    return tuple(
        ScheduledClass(
            key=each.key,
            title=each.title,
            years=chosen.years(each.key, None),
            trigger=each.trigger,
            basis=each.basis,
            events=each.events,
        )
        for each in ledger.retention_classes().values()
    )
