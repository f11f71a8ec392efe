"""A machine on the inventory, and where it has been."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Device(models.Model):
    """One machine with an asset tag, a place and a person who answers for it."""

    class Kind(models.TextChoices):
        WORKSTATION = "workstation", "Workstation"
        LAPTOP = "laptop", "Laptop"
        SERVER = "server", "Server"
        SCANNER = "scanner", "Scanner"
        DRIVE = "drive", "Encrypted drive"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset_tag = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    serial_hash = models.CharField(max_length=64)  # keyed: the serial itself is not kept
    place = models.CharField(max_length=120)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="devices",
    )
    # SHA-256 of the key that the browser on this machine holds; empty: none does
    browser_key = models.CharField(max_length=64, blank=True)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["asset_tag"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="a_serial_is_one_device", fields=["serial_hash"]),
            models.CheckConstraint(name="a_device_is_somewhere", condition=~Q(place="")),
            models.UniqueConstraint(
                name="a_browser_key_is_one_device",
                fields=["browser_key"],
                condition=~Q(browser_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.asset_tag

    @property
    def ledger_ref(self) -> str:
        return f"accounts.device:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Devices belong to the organisation's stream."""
        return None


class DeviceMovement(models.Model):
    """One step in a device's custody: from a place to a place, into somebody's care."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="movements")
    from_place = models.CharField(max_length=120, blank=True)  # empty: newly received
    to_place = models.CharField(max_length=120)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField(max_length=500)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    moved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-moved_at", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.from_place or 'received'} to {self.to_place}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.device_movement:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Movements belong to the organisation's stream."""
        return None
