"""Keep the list of courses, publish their versions, and say who must have passed them."""

from collections.abc import Callable
from typing import Literal

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.training import (
    AlreadyWithdrawnError,
    CourseTitleTakenError,
    RequirementHeldError,
    TrainingFactsError,
)
from accounts.events.training import (
    CourseAdded,
    CourseVersionPublished,
    TrainingRequired,
    TrainingRequirementApplied,
    TrainingRequirementEnded,
)
from accounts.models import Course, CourseVersion, Project, TrainingRequirement, User
from accounts.models.training import FULL_SCORE, TRAINED_ROLES
from accounts.permissions import require_organisation_permission
from accounts.training import require_digest

Repeat = Literal["", "now", "next_protocol"]
LONGEST_DAYS = 36_500
MOST_PROTOCOL = 10_000

_finders: list[Callable[[Project], int]] = []


def protocols_known_by(finder: Callable[[Project], int]) -> None:
    """Declare who knows the number of a project's protocol version; 0 where it has none."""
    if _finders:
        raise TypeError("Who knows the protocol versions is declared twice.")
    _finders.append(finder)


def protocol_version(project: Project) -> int:
    """Return the number of the protocol version that `project` works by; 0 without one."""
    return _finders[0](project) if _finders else 0


@transaction.atomic
def add(*, title: str, about: str, by: User) -> Course:
    """Put a course on the list.

    Raises PermissionDenied, ValidationError or CourseTitleTakenError; then nothing has
    changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")

    course = Course(title=title.strip(), about=about.strip())
    course.clean_fields()
    if Course.objects.filter(title__iexact=course.title).exists():
        raise CourseTitleTakenError

    try:
        with transaction.atomic():
            course.save(force_insert=True)
    except IntegrityError:  # the constraint decides, also between two who ask at once
        raise CourseTitleTakenError from None

    ledger.append(
        CourseAdded(course_id=str(course.pk), title=course.title), actor=by, subject=course
    )
    return course


@transaction.atomic
def publish_version(
    course: Course,
    *,
    pass_mark: int,
    validity_days: int | None,
    document_hash: str = "",
    repeat: Repeat = "",
    by: User,
) -> CourseVersion:
    """Publish the next version of `course`; with `repeat`, who passed an older one repeats it.

    `repeat` raises what projects ask for of this course: "now", or "next_protocol" when the
    project's next protocol version is published.  Raises PermissionDenied or
    TrainingFactsError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")

    course = Course.objects.select_for_update().get(pk=course.pk)
    _require_sound(pass_mark, validity_days, document_hash)
    newest = course.versions.aggregate(newest=Max("number"))["newest"] or 0

    version = CourseVersion.objects.create(
        course=course,
        number=newest + 1,
        pass_mark=pass_mark,
        validity_days=validity_days,
        document_hash=document_hash,
    )
    if repeat:
        _repeat(version, at_next_protocol=repeat == "next_protocol", by=by)

    ledger.append(_published(version), actor=by, subject=course)
    return version


@transaction.atomic
def require(
    project: Project,
    *,
    version: CourseVersion,
    role: str = "",
    from_protocol: int = 0,
    by: User,
    reason: str,
) -> TrainingRequirement:
    """Ask the people of `project` for `version` of a course, or a newer one.

    Where `from_protocol` is newer than the project's protocol, it waits until that one is
    published.  An older version that was asked for ends with it.  Raises PermissionDenied,
    ReasonMissingError, TrainingFactsError or RequirementHeldError; then nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")

    project = Project.objects.select_for_update().get(pk=project.pk)
    if not reason.strip():
        raise ReasonMissingError
    if role not in {"", *TRAINED_ROLES} or not 0 <= from_protocol <= MOST_PROTOCOL:
        raise TrainingFactsError("Training is asked of a role that works on images.")
    _require_unasked(project, version, role)

    is_due = from_protocol <= protocol_version(project)
    asked = TrainingRequirement.objects.create(
        project=project,
        version=version,
        role=str(role),  # a member of Role is one too, and the record holds plain text
        from_protocol=from_protocol,
        in_force_since=timezone.now() if is_due else None,
    )
    if is_due:
        _supersede(asked, by=by)

    ledger.append(_asked(asked), actor=by, subject=project.ledger_ref, reason=reason.strip())
    return asked


@transaction.atomic
def end_requirement(requirement: TrainingRequirement, *, by: User, reason: str) -> None:
    """Ask for this training no longer.

    Raises PermissionDenied, ReasonMissingError or AlreadyWithdrawnError; then nothing has
    changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")

    found = TrainingRequirement.objects.select_for_update(of=("self",))
    requirement = found.select_related("project").get(pk=requirement.pk)
    if not reason.strip():
        raise ReasonMissingError
    if requirement.ended_at is not None:
        raise AlreadyWithdrawnError

    _end(requirement, by=by, reason=reason.strip())


def follow_protocol(project: Project, *, version: int, by: User) -> None:
    """Bring into force what waited for this protocol version; part of publishing it."""
    waiting = TrainingRequirement.objects.standing().filter(
        project=project, in_force_since=None, from_protocol__lte=version
    )
    found = waiting.select_for_update(of=("self",)).select_related("project", "version__course")
    for requirement in found.order_by("version__number", "pk"):
        _apply(requirement, protocol=version, by=by)


@transaction.atomic
def _apply(requirement: TrainingRequirement, *, protocol: int, by: User) -> None:
    requirement.in_force_since = timezone.now()
    requirement.save(update_fields=["in_force_since"])
    _supersede(requirement, by=by)

    ledger.append(
        TrainingRequirementApplied(
            requirement_id=str(requirement.pk),
            project=requirement.project.ledger_ref,
            protocol_version=protocol,
        ),
        actor=by,
        subject=requirement.project.ledger_ref,
    )


def _supersede(newer: TrainingRequirement, *, by: User) -> None:
    """End what asks for an older version of the same course of the same people."""
    older = TrainingRequirement.objects.standing().filter(
        project=newer.project,
        version__course=newer.version.course,
        version__number__lt=newer.version.number,
        role=newer.role,
    )
    for requirement in older.select_related("project"):
        _end(requirement, by=by, superseded_by=newer)


@transaction.atomic
def _end(
    requirement: TrainingRequirement,
    *,
    by: User,
    reason: str | None = None,
    superseded_by: TrainingRequirement | None = None,
) -> None:
    requirement.ended_at = timezone.now()
    requirement.save(update_fields=["ended_at"])

    ledger.append(
        TrainingRequirementEnded(
            requirement_id=str(requirement.pk),
            project=requirement.project.ledger_ref,
            superseded_by=str(superseded_by.pk) if superseded_by else None,
        ),
        actor=by,
        subject=requirement.project.ledger_ref,
        reason=reason,
    )


def _require_unasked(project: Project, version: CourseVersion, role: str) -> None:
    standing = TrainingRequirement.objects.standing().filter(
        project=project,
        version__course=version.course,
        version__number__gte=version.number,
        role=role,
    )
    if standing.exists():
        raise RequirementHeldError


def _repeat(version: CourseVersion, *, at_next_protocol: bool, by: User) -> None:
    """Ask for `version` wherever an older one is in force."""
    asked = TrainingRequirement.objects.standing().filter(
        version__course=version.course, in_force_since__isnull=False
    )
    for older in asked.select_related("project"):
        require(
            older.project,
            version=version,
            role=older.role,
            from_protocol=protocol_version(older.project) + 1 if at_next_protocol else 0,
            by=by,
            reason=f"{version} is repeated by whoever passed an older one.",
        )


def _require_sound(pass_mark: int, validity_days: int | None, document_hash: str) -> None:
    if not 0 <= pass_mark <= FULL_SCORE:
        raise TrainingFactsError(f"A pass mark is a whole number from 0 to {FULL_SCORE}.")
    if validity_days is not None and not 1 <= validity_days <= LONGEST_DAYS:
        raise TrainingFactsError("A course holds for a day at least, or for good.")
    require_digest(document_hash)


def _published(version: CourseVersion) -> CourseVersionPublished:
    return CourseVersionPublished(
        course_id=str(version.course_id),
        version_id=str(version.pk),
        title=version.course.title,
        version=version.number,
        document_hash=version.document_hash or None,
        pass_mark=version.pass_mark,
        validity_days=version.validity_days,
    )


def _asked(asked: TrainingRequirement) -> TrainingRequired:
    return TrainingRequired(
        requirement_id=str(asked.pk),
        project=asked.project.ledger_ref,
        course=asked.version.course.ledger_ref,
        title=asked.version.course.title,
        version=asked.version.number,
        role=asked.role or None,
        from_protocol=asked.from_protocol,
        in_force=asked.in_force_since is not None,
    )
