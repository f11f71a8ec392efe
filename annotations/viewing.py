"""Looking at images leaves a trace: once for each session and series, or held file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.emergency import EmergencyOverError
from accounts.permissions import require_permission
from accounts.training import require_current_training
from annotations import events, subjects
from annotations.models import Series, Viewing

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import EmergencyAccess, User
    from annotations.models import ImportedFile


@ledger.again_if_crossed
@transaction.atomic
def open_series(one: Series, *, by: User, session: str) -> None:
    """Record that `by` opened the images of a series, the first time in this session.

    Raises PermissionDenied or TrainingNotCurrentError; then nothing is recorded.
    """
    require_permission(by, "view_images", one.project)
    require_current_training(by, one.project)

    if not _is_first(one.ledger_ref, by=by, session=session):
        return

    ledger.append(
        events.ImageViewed(
            study_uid=one.study_uid,
            series_uid=one.series_uid,
            images=one.instances.count(),
            form="rendered frames",
            purpose="annotation",
        ),
        actor=by,
        subject=one,
    )


def open_frames(series: UUID, *, project: UUID, by: User, session: str) -> None:
    """Record what `open_series` records, for whoever asks for a frame without opening it.

    Costs two looks at tables while the series is scrolled.  Raises PermissionDenied or
    TrainingNotCurrentError.
    """
    require_current_training(by, project)
    seen = Viewing.objects.filter(ref=f"annotations.series:{series}", user=by, session=session)
    if not seen.exists():
        one = Series.objects.select_related("project").get(pk=series)
        open_series(one, by=by, session=session)


@ledger.again_if_crossed
@transaction.atomic
def open_held(file: ImportedFile, *, by: User, session: str) -> None:
    """Record that `by` looked at an image in quarantine, the first time in this session.

    Raises PermissionDenied or TrainingNotCurrentError; then nothing is recorded.
    """
    require_permission(by, "decide_quarantine", file.project)
    require_current_training(by, file.project)

    if not _is_first(file.ledger_ref, by=by, session=session):
        return

    ledger.append(
        events.ImageViewed(
            study_uid=file.facts["study_uid"],
            series_uid=file.facts["series_uid"],
            images=1,
            form="rendered frames",
            purpose="quarantine decision",
        ),
        actor=by,
        subject=file,
    )


@ledger.again_if_crossed
@transaction.atomic
def open_in_emergency(one: Series, *, by: User, access: EmergencyAccess) -> None:
    """Record that `by` opened a series under an emergency access, once for each access.

    Whoever calls has asked `emergency.require_open`.  Raises EmergencyOverError where the
    series is not of the access's subject, and NotPermittedError where no current paper covers
    the subject: a withdrawal holds in emergencies too.  Then nothing is recorded.
    """
    if one.subject.ledger_ref != access.subject_ref or access.person_id != by.pk:
        raise EmergencyOverError
    subjects.require_permitted(one.subject)

    if not _is_first(one.ledger_ref, by=by, session=access.ledger_ref):
        return

    ledger.append(
        events.ImageViewed(
            study_uid=one.study_uid,
            series_uid=one.series_uid,
            images=one.instances.count(),
            form="rendered frames",
            purpose="emergency access",
        ),
        actor=by,
        subject=one,
    )


def _is_first(ref: str, *, by: User, session: str) -> bool:
    _, is_first = Viewing.objects.get_or_create(
        ref=ref, user=by, session=session, defaults={"at": timezone.now()}
    )
    return is_first
