"""Something the security unit is told, until it was told and somebody answered."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from datetime import datetime


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts by what is still owed."""

    def due(self, now: datetime) -> AlertQuerySet:
        """Return the alerts that were not delivered yet and whose next try has come."""
        return self.filter(sent_at__isnull=True, next_try_at__lte=now)

    def undelivered(self) -> AlertQuerySet:
        return self.filter(sent_at__isnull=True)

    def open(self) -> AlertQuerySet:
        """Return the alerts that nobody has answered yet."""
        return self.filter(acknowledged_at__isnull=True)


class Alert(models.Model):
    """One alert in the outbox: written with its cause, in the same transaction."""

    class Kind(models.TextChoices):
        LOCKOUT = "lockout", "Too many failed sign-ins"
        COUNTER = "counter_regressed", "A security key counted backwards"
        FACTOR_LOST = "factor_lost", "A sign-in factor was reported lost"
        BREAK_GLASS = "break_glass", "Emergency access was opened"
        RECORD = "record_alarm", "The record raises an alarm"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    about = models.CharField(max_length=300)  # a reference, as the record names things
    raised_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answer = models.CharField(max_length=500, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(sent_at=None), name="alerts_to_send"
            ),
            models.Index(fields=["kind", "about", "-raised_at"], name="alerts_about"),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_answered_alert_says_by_whom",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"alert {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.alert:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Alerts belong to the organisation's stream."""
        return None
