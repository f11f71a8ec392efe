"""A machine on the inventory, and where it has been."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.facility import Facility


class Device(models.Model):
    """One machine with an asset tag, a place and a person who answers for it."""

    class Kind(models.TextChoices):
        WORKSTATION = "workstation", "Workstation"
        LAPTOP = "laptop", "Laptop"
        SERVER = "server", "Server"
        SCANNER = "scanner", "Scanner"
        DRIVE = "drive", "Encrypted drive"
        DISPLAY = "display", "Display"
        TOKEN = "token", "Token"

    class State(models.TextChoices):
        STORED = "stored", "Stored"
        IN_USE = "in_use", "In use"
        IN_TRANSIT = "in_transit", "In transit"
        LOST = "lost", "Lost"
        SANITISED = "sanitised", "Sanitised"
        DISPOSED = "disposed", "Disposed of"

    class DisplayClass(models.TextChoices):
        NONE = "", "No display"
        PRIMARY = "primary", "Primary diagnosis"
        SECONDARY = "secondary", "Review"
        OFFICE = "office", "Office"

    WITHOUT_MEDIA = frozenset({Kind.DISPLAY})
    CONFIRM_DAYS = 180

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
    state = models.CharField(max_length=20, choices=State.choices, default=State.STORED)
    owner = models.CharField(max_length=120, blank=True)  # the organisation it belongs to
    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, null=True, blank=True, related_name="devices"
    )
    display_class = models.CharField(max_length=20, choices=DisplayClass.choices, blank=True)
    calibrated_on = models.DateField(null=True, blank=True)
    calibration_due = models.DateField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)  # by its holder, or at receipt
    # SHA-256 of the key that the browser on this machine holds; empty: none does
    browser_key = models.CharField(max_length=64, blank=True)
    # the key that never leaves the browser: base64url of its uncompressed point on P-256
    browser_point = models.CharField(max_length=100, blank=True)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["asset_tag"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="a_serial_is_one_device", fields=["serial_hash"]),
            models.CheckConstraint(name="a_device_is_somewhere", condition=~Q(place="")),
            models.CheckConstraint(
                name="a_device_in_use_has_a_holder",
                condition=~Q(state="in_use") | Q(holder__isnull=False),
            ),
            models.CheckConstraint(
                name="what_is_gone_has_no_browser",
                condition=~Q(state__in=["lost", "disposed"])
                | Q(browser_key="", browser_point=""),
            ),
            models.UniqueConstraint(
                name="a_browser_point_is_one_device",
                fields=["browser_point"],
                condition=~Q(browser_point=""),
            ),
            models.UniqueConstraint(
                name="a_browser_key_is_one_device",
                fields=["browser_key"],
                condition=~Q(browser_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.asset_tag

    @property
    def is_held(self) -> bool:
        """Whether it is somewhere, in somebody's care: neither lost nor gone."""
        return self.state not in {self.State.LOST, self.State.DISPOSED}

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
