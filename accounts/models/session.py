"""A stay of one person at one machine, from sign-in to its end."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.device import Device
from accounts.models.network import NetworkRange


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions by whether they still run."""

    def running(self) -> SessionQuerySet:
        return self.filter(ended_at__isnull=True)


class Session(models.Model):
    """What the record calls a session: its id is a pseudonym and never the cookie."""

    class End(models.TextChoices):
        SIGNED_OUT = "signed_out", "Signed out"
        LOCKED = "locked", "Locked by its person"
        IDLE = "idle", "Locked without activity"
        ABSOLUTE = "absolute", "Reached its longest time"
        CLOCK = "clock", "Dated in the future"
        REVOKED = "revoked", "Ended by an administrator"
        REPLACED = "replaced", "Ended by a newer sign-in"
        ACCESS_CLOSED = "access_closed", "Access closed"
        DEVICE_LOST = "device_lost", "Device reported lost"
        PASSWORD_CHANGED = "password_changed", "Password changed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sessions"
    )
    login_at = models.DateTimeField()
    last_activity = models.DateTimeField()
    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    # keyed hash of the address (formats.md, "network"); empty where it is unknown
    network = models.CharField(max_length=64, blank=True)
    # digest of the roles held when the browser's key was made: another one asks for a new key
    authority = models.CharField(max_length=64, blank=True)
    # where it began: the narrowest range in force that held the address; None: no place known
    network_range = models.ForeignKey(
        NetworkRange, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=20, choices=End.choices, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-login_at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["user", "-login_at"], condition=Q(ended_at=None), name="running"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="an_ended_session_says_why",
                condition=Q(ended_at__isnull=True, end="")
                | (Q(ended_at__isnull=False) & ~Q(end="")),
            ),
        ]

    def __str__(self) -> str:
        return f"session {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.session:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Sessions belong to the organisation's stream."""
        return None
