"""Emergency access: one person, one subject, one hour, and what a second person said of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.project import Project
from accounts.models.session import Session

LASTS = timedelta(minutes=60)
REVIEW_WITHIN = timedelta(hours=72)
CLOCK_TOLERANCE = timedelta(seconds=2)


class EmergencyAccessQuerySet(models.QuerySet["EmergencyAccess"]):
    """Emergency accesses by where they stand."""

    def invoked(self) -> EmergencyAccessQuerySet:
        """Return those that were signed; what is only prepared opens nothing."""
        return self.filter(started_at__isnull=False)

    def open_in(self, session: Session, now: datetime) -> EmergencyAccessQuerySet:
        """Return what is open to the person of a session at this moment, in it alone."""
        return self.filter(
            session=session,
            person=session.user_id,
            started_at__lte=now + CLOCK_TOLERANCE,
            ends_at__gt=now,
            ended_at__isnull=True,
        )

    def unreviewed(self) -> EmergencyAccessQuerySet:
        """Return those that no second person has looked at yet, oldest first."""
        return self.invoked().filter(reviewed_at__isnull=True).order_by("started_at")


class EmergencyAccess(models.Model):
    """One breaking of the glass.  `content` is canonical JSON (schema emergency.access/1)."""

    class Outcome(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT_JUSTIFIED = "not_justified", "Not justified"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="emergencies"
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="emergencies")
    subject_ref = models.CharField(max_length=300)
    subject_title = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="emergencies")
    prepared_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # given back before its end
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="emergencies_reviewed",
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    outcome_reason = models.CharField(max_length=500, blank=True)

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        ordering = ["-prepared_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="emergency_lasts_an_hour",
                condition=Q(started_at__isnull=True, ends_at__isnull=True)
                | Q(ends_at__gt=F("started_at"), ends_at__lte=F("started_at") + LASTS),
            ),
            models.CheckConstraint(
                name="a_second_person_reviews",
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("person")),
            ),
        ]

    def __str__(self) -> str:
        return f"emergency access to {self.subject_title}"

    @property
    def review_due_at(self) -> datetime | None:
        """Until when a second person looks at it."""
        return self.started_at + REVIEW_WITHIN if self.started_at else None

    @property
    def stops_at(self) -> datetime | None:
        """When it stopped, or stops, to open anything."""
        return self.ended_at or self.ends_at

    @property
    def ledger_ref(self) -> str:
        return f"accounts.emergency_access:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        """What was opened in an emergency belongs to the project's stream."""
        return str(self.project_id)
