"""How long a session may go on: each setting a row, the newest in force."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import F, Q

LEAST_IDLE, MOST_IDLE = 300, 900  # NIST SP 800-63B-4 AAL3: at most 15 minutes
LEAST_ABSOLUTE, MOST_ABSOLUTE = 3_600, 43_200  # and at most 12 hours in all


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The two limits of a session, in seconds."""

    idle: int
    absolute: int


class SessionLimitsQuerySet(models.QuerySet["SessionLimits"]):
    """What was set, and what is in force."""

    def in_force(self) -> Limits:
        """Return the limits set last; those of the settings before anybody set any."""
        newest = self.order_by("-number").values_list("idle_seconds", "absolute_seconds")
        idle, absolute = newest.first() or (
            settings.SESSION_IDLE_SECONDS,
            settings.SESSION_ABSOLUTE_SECONDS,
        )
        return Limits(idle=idle, absolute=absolute)


class SessionLimits(models.Model):
    """One setting of the limits; why it was made stands in its entry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)
    idle_seconds = models.PositiveIntegerField()
    absolute_seconds = models.PositiveIntegerField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()

    objects = SessionLimitsQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="session_limits_are_in_range",
                condition=Q(idle_seconds__range=(LEAST_IDLE, MOST_IDLE))
                & Q(absolute_seconds__range=(LEAST_ABSOLUTE, MOST_ABSOLUTE)),
            ),
            models.CheckConstraint(
                name="idle_is_within_absolute",
                condition=Q(idle_seconds__lt=F("absolute_seconds")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.idle_seconds // 60} minutes idle, {self.absolute_seconds // 3600} hours"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.session_limits:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Limits of sessions belong to the organisation's stream."""
        return None
