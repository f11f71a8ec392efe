"""From which machines a project takes work, and the challenges that machines answer."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.clients import Client
from accounts.models.project import Project

# What is shut to a client at each level; what looks after the record stays open.
CHANGES = frozenset(
    {
        "import_images", "decide_quarantine", "assign_items", "annotate", "review", "sign",
        "freeze_snapshot", "export_snapshot",
    }
)  # fmt: skip
CONTENT = CHANGES | {"view_project", "view_images", "view_records"}


class Level(models.TextChoices):
    """What a client that does not fit may still do."""

    ALLOWED = "allowed", "Allowed"
    WARNED = "warned", "Allowed, with a warning"
    READ_ONLY = "read_only", "Reading only"
    REFUSED = "refused", "Refused"


SHUT = {Level.READ_ONLY: CHANGES, Level.REFUSED: CONTENT}


class DevicePolicyQuerySet(models.QuerySet["DevicePolicy"]):
    """Policies, by what they shut."""

    def shutting(self, permission: str, client: Client) -> DevicePolicyQuerySet:
        """Return the policies under which `client` does not get `permission`."""
        levels = [level for level, shut in SHUT.items() if permission in shut]
        shut = Q(pk__in=[])
        if not client.registered:
            shut |= Q(unregistered__in=levels)
        if client.mobile:
            shut |= Q(mobile__in=levels)
        return self.filter(shut)


class DevicePolicy(models.Model):
    """What clients that are not registered, or mobile, may do in a project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.OneToOneField(
        Project, on_delete=models.PROTECT, related_name="device_policy"
    )
    unregistered = models.CharField(max_length=20, choices=Level.choices)
    mobile = models.CharField(max_length=20, choices=Level.choices)
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()

    objects = DevicePolicyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "device policies"

    def __str__(self) -> str:
        return f"Devices in {self.project}"

    def level(self, client: Client) -> Level:
        """Return the strictest level that applies to `client`."""
        order = list(Level)
        applying = [Level.ALLOWED]
        if not client.registered:
            applying.append(Level(self.unregistered))
        if client.mobile:
            applying.append(Level(self.mobile))
        return max(applying, key=order.index)

    @property
    def ledger_ref(self) -> str:
        return f"accounts.device_policy:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        """A policy belongs to its project's stream."""
        return str(self.project_id)


class DeviceChallenge(models.Model):
    """A number that a browser signs once, soon; only its hash is kept."""

    nonce_hash = models.CharField(primary_key=True, max_length=64)
    purpose = models.CharField(max_length=20)
    issued_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"challenge {self.nonce_hash[:8]}"
