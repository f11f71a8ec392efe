"""Is this person trained for this project?  And: record what people completed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import PersonInactiveError
from accounts.errors.training import (
    AlreadyWithdrawnError,
    FutureTrainingError,
    OwnTrainingError,
    TrainingFactsError,
    TrainingNotCurrentError,
)
from accounts.events.training import TrainingCompleted, TrainingFailed, TrainingWithdrawn
from accounts.models import CourseVersion, TrainingCompletion, TrainingRequirement, User
from accounts.models.training import FULL_SCORE
from accounts.permissions import require_organisation_permission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from accounts.models import Project

SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What somebody did: a version of a course, how well, when, with whom, and the proof."""

    version: CourseVersion
    score: int
    done_on: date
    trainer: str = ""
    evidence_hash: str = ""

    @property
    def passed(self) -> bool:
        return self.score >= self.version.pass_mark

    @property
    def expires_on(self) -> date | None:
        """The last day it holds."""
        days = self.version.validity_days
        return self.done_on + timedelta(days=days) if days and self.passed else None


def require_current_training(
    user: User, project: Project | UUID, on: datetime | None = None
) -> None:
    """Raise TrainingNotCurrentError unless `user` has passed all that `project` asks for.

    Asked before images open and before anything is marked, decided or signed.  `on` is the
    moment it is about: now, where none is given.  A project that asks for nothing lets
    everybody through; one query where all is well (11.10(g), 11.10(i)).
    """
    moment = on or timezone.now()
    asked = TrainingRequirement.objects.in_force(moment).filter(project=project)
    missing = asked.asked_of(user).unmet_by(user, moment).select_related("version__course")
    first = missing.order_by("in_force_since", "pk").first()
    if first is not None:
        version = first.version
        why = why_unmet(first, newest_try(user, first, moment))
        raise TrainingNotCurrentError(version.course.title, version.number, why=why)


def newest_try(
    user: User, requirement: TrainingRequirement, moment: datetime
) -> TrainingCompletion | None:
    """Return what `user` last passed of the course that `requirement` is about."""
    done = user.completions.filter(passed=True, withdrawn_at=None, done_on__lte=moment.date())
    of_course = done.filter(version__course_id=requirement.version.course_id)
    return of_course.select_related("version").order_by("version__number", "done_on").last()


def why_unmet(requirement: TrainingRequirement, newest: TrainingCompletion | None) -> str:
    """Return, as the end of a sentence, since when and why the training does not count."""
    since = requirement.in_force_since
    if newest is None:
        return "is not on your record"
    if newest.version.number < requirement.version.number:
        day = f" since {since:%-d %b %Y}" if since else ""
        return f"has been asked for{day}, and you passed version {newest.version.number}"
    return f"lapsed on {newest.expires_on:%-d %b %Y}"


@transaction.atomic
def complete(user: User, *, result: Result, by: User) -> TrainingCompletion:
    """Record what `user` did, on the word of `by`; below the pass mark it does not count.

    Raises PermissionDenied, OwnTrainingError, PersonInactiveError, FutureTrainingError or
    TrainingFactsError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")
    if by.pk == user.pk:
        raise OwnTrainingError

    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise PersonInactiveError
    _require_possible(result)

    done = TrainingCompletion.objects.create(
        user=user,
        version=result.version,
        score=result.score,
        passed=result.passed,
        done_on=result.done_on,
        expires_on=result.expires_on,
        evidence_hash=result.evidence_hash,
        trainer=result.trainer.strip(),
        recorded_by=by.ledger_ref,
    )

    ledger.append(_told(done), actor=by, subject=user)
    return done


@transaction.atomic
def complete_many(
    people: Sequence[User], *, result: Result, by: User
) -> list[TrainingCompletion]:
    """Record the same result for everybody in `people`, or for nobody.

    Raises what `complete` raises; then nothing has changed and nothing is recorded.
    """
    return [complete(user, result=result, by=by) for user in people]


@transaction.atomic
def withdraw(completion: TrainingCompletion, *, by: User, reason: str) -> None:
    """Say that a completion was recorded in error: from now on it counts no longer.

    Raises PermissionDenied, OwnTrainingError, ReasonMissingError or AlreadyWithdrawnError;
    then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")
    if by.pk == completion.user_id:
        raise OwnTrainingError

    found = TrainingCompletion.objects.select_for_update(of=("self",)).select_related("user")
    completion = found.get(pk=completion.pk)
    if not reason.strip():
        raise ReasonMissingError
    if completion.withdrawn_at is not None:
        raise AlreadyWithdrawnError

    completion.withdrawn_at = timezone.now()
    completion.save(update_fields=["withdrawn_at"])

    ledger.append(
        TrainingWithdrawn(completion_id=str(completion.pk), person_id=str(completion.user_id)),
        actor=by,
        subject=completion.user,
        reason=reason.strip(),
    )


def require_digest(digest: str) -> None:
    """Raise TrainingFactsError unless `digest` is a SHA-256 in hexadecimal, or empty."""
    if digest and not SHA256.match(digest):
        raise TrainingFactsError("A digest is the 64 hexadecimal digits of a SHA-256.")


def _require_possible(result: Result) -> None:
    if result.done_on > timezone.now().date():
        raise FutureTrainingError(result.done_on)
    if not 0 <= result.score <= FULL_SCORE:
        raise TrainingFactsError(f"A score is a whole number from 0 to {FULL_SCORE}.")
    require_digest(result.evidence_hash)


def _told(done: TrainingCompletion) -> ledger.Event:
    facts: dict[str, Any] = {
        "completion_id": str(done.pk),
        "person_id": str(done.user_id),
        "course": done.version.course.ledger_ref,
        "title": done.version.course.title,
        "version": done.version.number,
        "score": done.score,
        "pass_mark": done.version.pass_mark,
        "done_on": done.done_on.isoformat(),
        "trainer": done.trainer,
        "evidence_hash": done.evidence_hash or None,
    }
    if not done.passed:
        return TrainingFailed(**facts)
    expires = done.expires_on.isoformat() if done.expires_on else None
    return TrainingCompleted(**facts, expires=expires)
