"""What makes a person fit to read images: specialty, licence, years, and who checked it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from datetime import date


class QualificationQuerySet(models.QuerySet["Qualification"]):
    """Qualifications by whether they hold."""

    def holding(self, day: date) -> QualificationQuerySet:
        """Return those that somebody verified and that hold on `day`."""
        unended = Q(valid_to=None) | Q(valid_to__gte=day)
        return self.filter(
            unended, verified_at__isnull=False, withdrawn_at=None, valid_from__lte=day
        )


class Qualification(models.Model):
    """One qualification of one person; the licence number is kept as a keyed hash alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="qualifications"
    )
    specialty = models.CharField(max_length=120)
    issuer = models.CharField(max_length=200)
    licence_hash = models.CharField(max_length=64, blank=True)
    years = models.PositiveSmallIntegerField()  # in practice when it was recorded
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the last day it holds
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    method = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = QualificationQuerySet.as_manager()

    class Meta:
        ordering = ["specialty", "-valid_from", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="another_person_verifies",
                condition=Q(verified_by=None)
                | (~Q(verified_by=F("recorded_by")) & ~Q(verified_by=F("user"))),
            ),
            models.CheckConstraint(
                name="verified_by_somebody_at_some_time",
                condition=Q(verified_by=None, verified_at=None)
                | Q(verified_by__isnull=False, verified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_qualification_ends_after_it_began",
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specialty}, {self.issuer}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.qualification:{self.pk}"
