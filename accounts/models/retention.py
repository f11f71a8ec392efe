"""How long the site keeps records beyond the minimum, and what must not go meanwhile."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.project import Project


class RetentionPeriod(models.Model):
    """A longer period than the minimum, chosen for the organisation or for one project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    class_key = models.CharField(max_length=40)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="periods"
    )
    years = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["class_key", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="period_once", fields=["class_key", "project"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="a_period_is_years", condition=Q(years__gte=1, years__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.class_key}: {self.years} years"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.retention_period:{self.pk}"

    @property
    def ledger_stream(self) -> str | None:
        return str(self.project_id) if self.project_id else None


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> LegalHoldQuerySet:
        """Return the holds that refuse erasure now, also those asked to be lifted."""
        return self.filter(lifted_at__isnull=True)


class LegalHold(models.Model):
    """What must not be erased, whatever the periods say, until two people lift the hold.

    It covers one stream as a whole, everything about one subject in it, or what was sealed
    from one day to another (both included, UTC).
    """

    class Covers(models.TextChoices):
        STREAM = "stream", "Everything in the stream"
        SUBJECT = "subject", "Everything about one subject"
        PERIOD = "period", "Everything sealed in a period"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="holds"
    )
    covers = models.CharField(max_length=10, choices=Covers.choices)
    subject_ref = models.CharField(max_length=300, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField()
    lift_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    lift_asked_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(max_length=500, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="a_hold_says_what_it_covers",
                condition=Q(covers="stream", subject_ref="", first_day=None, last_day=None)
                | (Q(covers="subject", first_day=None, last_day=None) & ~Q(subject_ref=""))
                | Q(covers="period", subject_ref="", first_day__lte=models.F("last_day")),
            ),
            models.CheckConstraint(
                name="two_people_lift_a_hold",
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | (
                    Q(lifted_at__isnull=False, lift_asked_by__isnull=False)
                    & ~Q(lifted_by=models.F("lift_asked_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.legal_hold:{self.pk}"

    @property
    def ledger_stream(self) -> str | None:
        return str(self.project_id) if self.project_id else None

    @property
    def covered(self) -> str:
        """What the hold covers, in words."""
        if self.covers == self.Covers.SUBJECT:
            return f"everything about {self.subject_ref}"
        if self.covers == self.Covers.PERIOD:
            return f"everything sealed from {self.first_day} to {self.last_day} (UTC)"
        return "everything"
