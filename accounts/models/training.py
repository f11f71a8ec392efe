"""Courses with their versions, who must have passed which, and who has."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models.project import Project
from accounts.models.role import PROJECT_ROLES, Membership, Role

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models.user import User

FULL_SCORE = 100
HEX_DIGITS = 64


class Course(models.Model):
    """Something to learn; what is taught, and what counts as passed, stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200, unique=True)
    about = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title

    @property
    def ledger_ref(self) -> str:
        return f"accounts.course:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Courses belong to the organisation's stream."""
        return None


class CourseVersion(models.Model):
    """One published state of a course: its document, its pass mark and how long it holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document_hash = models.CharField(max_length=HEX_DIGITS, blank=True)  # of the teaching file
    pass_mark = models.PositiveSmallIntegerField()  # of 100
    validity_days = models.PositiveIntegerField(null=True, blank=True)  # None: for good
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["course__title", "-number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="course_version_is_unique", fields=["course", "number"]
            ),
            models.CheckConstraint(
                name="a_pass_mark_is_of_100", condition=Q(pass_mark__lte=FULL_SCORE)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course.title}, version {self.number}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.course_version:{self.pk}"


class CompletionQuerySet(models.QuerySet["TrainingCompletion"]):
    """Completions by whether they hold."""

    def holding(self, moment: datetime) -> CompletionQuerySet:
        """Return those that were passed and hold at `moment`, withdrawn or ended ones not."""
        kept = Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment)
        unended = Q(expires_on=None) | Q(expires_on__gte=moment.date())
        return self.filter(kept, unended, passed=True, done_on__lte=moment.date())


class TrainingCompletion(models.Model):
    """One person's try at one version of a course, with its score; passed or not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="completions"
    )
    version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="completions"
    )
    score = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    done_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)  # the last day it holds
    evidence_hash = models.CharField(max_length=HEX_DIGITS, blank=True)
    trainer = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.CharField(max_length=80)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CompletionQuerySet.as_manager()

    class Meta:
        ordering = ["-done_on", "-recorded_at", "id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "version"], name="who_completed_what")]
        constraints = [
            models.CheckConstraint(
                name="a_score_is_of_100", condition=Q(score__lte=FULL_SCORE)
            ),
            models.CheckConstraint(
                name="training_ends_after_it_was_done",
                condition=Q(expires_on=None) | Q(expires_on__gte=F("done_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.score} of {FULL_SCORE}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.training_completion:{self.pk}"


class RequirementQuerySet(models.QuerySet["TrainingRequirement"]):
    """What projects ask for, by time and by person."""

    def in_force(self, moment: datetime) -> RequirementQuerySet:
        """Return what is asked for at `moment`."""
        unended = Q(ended_at=None) | Q(ended_at__gt=moment)
        return self.filter(unended, in_force_since__lte=moment)

    def standing(self) -> RequirementQuerySet:
        """Return what is asked for now, or will be from a later protocol version on."""
        return self.filter(ended_at=None)

    def asked_of(self, user: User) -> RequirementQuerySet:
        """Return what the roles that `user` holds now bring with them."""
        held = Membership.objects.current().filter(
            user_id=user.pk, project_id=OuterRef("project_id")
        )
        anything = Exists(held.exclude(role__in=UNASKED))
        return self.filter((Q(role="") & anything) | Exists(held.filter(role=OuterRef("role"))))

    def unmet_by(self, user: User, moment: datetime) -> RequirementQuerySet:
        """Return those for which `user` has no completion that holds at `moment`."""
        met = TrainingCompletion.objects.holding(moment).filter(
            user_id=user.pk,
            version__course_id=OuterRef("version__course_id"),
            version__number__gte=OuterRef("version__number"),
        )
        return self.filter(~Exists(met))


# Auditors look at the record of the work and at images beside it; they do not read images.
UNASKED = (Role.AUDITOR, Role.REGULATORY)
TRAINED_ROLES = [role for role in PROJECT_ROLES if role not in UNASKED]


class TrainingRequirement(models.Model):
    """A project asks people for a version of a course, or a newer one, before images open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="training")
    version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="requirements"
    )
    role = models.CharField(max_length=20, blank=True)  # empty: everybody who works there
    from_protocol = models.PositiveIntegerField()  # 0: whatever the protocol
    set_at = models.DateTimeField(auto_now_add=True)
    in_force_since = models.DateTimeField(null=True, blank=True)  # None: waits for its protocol
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering = ["project__name", "version__course__title", "from_protocol", "id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["project"], condition=Q(ended_at=None), name="asked_now")
        ]
        constraints = [
            models.CheckConstraint(
                name="training_is_asked_of_a_role",
                condition=Q(role__in=["", *TRAINED_ROLES]),
            ),
            models.UniqueConstraint(
                name="a_version_is_asked_for_once",
                fields=["project", "version", "role"],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.project.name}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.training_requirement:{self.pk}"

    @property
    def for_whom(self) -> str:
        """The role it is asked of, in words."""
        return Role(self.role).label if self.role else "Everybody who works on images"
