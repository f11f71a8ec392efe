"""What belongs to a device's life: hand-overs between two people, posture, sanitising."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.device import Device
from accounts.models.facility import Facility


class DeviceTransfer(models.Model):
    """A device on its way from one person to another; until receipt the giver answers."""

    class State(models.TextChoices):
        OPEN = "open", "In transit"
        RECEIVED = "received", "Received"
        WITHDRAWN = "withdrawn", "Withdrawn"
        LOST = "lost", "Lost on the way"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="transfers")
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    receiver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="incoming_devices"
    )
    to_place = models.CharField(max_length=120)
    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    media_erased = models.BooleanField()
    reason = models.CharField(max_length=500)
    given_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)

    class Meta:
        ordering = ["-given_at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="one_way_at_a_time", fields=["device"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="two_people_hand_over", condition=~Q(giver=F("receiver"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} to {self.receiver}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.device_transfer:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Hand-overs belong to the organisation's stream."""
        return None


class DevicePosture(models.Model):
    """What somebody stated about a device's software and locks, and when."""

    class Encryption(models.TextChoices):
        FULL = "full", "Encrypted"
        NONE = "none", "Not encrypted"
        NO_DATA = "no_data", "No local data"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="postures")
    system = models.CharField(max_length=120)
    patched_on = models.DateField()
    encryption = models.CharField(max_length=20, choices=Encryption.choices)
    screen_lock_minutes = models.PositiveSmallIntegerField()  # 0: it does not lock
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    stated_at = models.DateTimeField()

    class Meta:
        ordering = ["-stated_at", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.device}: {self.system}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.device_posture:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Postures belong to the organisation's stream."""
        return None


class DeviceSanitisation(models.Model):
    """How the data went from a medium (NIST SP 800-88): one did it, another approved."""

    class Method(models.TextChoices):
        CLEAR = "clear", "Clear"
        PURGE = "purge", "Purge"
        DESTROY = "destroy", "Destroy"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="sanitisations")
    medium_hash = models.CharField(max_length=64)  # keyed, as serials are
    method = models.CharField(max_length=20, choices=Method.choices)
    tool = models.CharField(max_length=120)
    verification = models.CharField(max_length=200)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    done_on = models.DateField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-done_on", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="two_people_sanitise", condition=~Q(done_by=F("approved_by"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.device}: {self.get_method_display()}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.device_sanitisation:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """What was sanitised belongs to the organisation's stream."""
        return None
