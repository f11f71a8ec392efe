"""The networks of a facility: asked for by one administrator, approved by another."""

from __future__ import annotations

import uuid
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.facility import Facility


class NetworkRangeQuerySet(models.QuerySet["NetworkRange"]):
    """Ranges, by whether sessions are matched to them."""

    def in_force(self) -> NetworkRangeQuerySet:
        """Return those that count now; one whose removal is asked for still does."""
        states = (NetworkRange.State.IN_FORCE, NetworkRange.State.REMOVAL_ASKED)
        return self.filter(state__in=states)

    def waiting(self) -> NetworkRangeQuerySet:
        """Return those about which a second administrator has to decide."""
        states = (NetworkRange.State.ASKED, NetworkRange.State.REMOVAL_ASKED)
        return self.filter(state__in=states)


class NetworkRange(models.Model):
    """A range of addresses from which sessions count as being at a facility."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for approval"
        IN_FORCE = "in_force", "In force"
        REMOVAL_ASKED = "removal_asked", "In force; removal waits for approval"
        REMOVED = "removed", "Removed"
        DECLINED = "declined", "Declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="ranges")
    cidr = models.CharField(max_length=49)  # in the one form that Python prints
    purpose = models.CharField(max_length=120)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = NetworkRangeQuerySet.as_manager()

    class Meta:
        ordering = ["cidr", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="a_range_once_at_a_facility",
                fields=["facility", "cidr"],
                condition=Q(state__in=["asked", "in_force", "removal_asked"]),
            ),
            models.CheckConstraint(
                name="a_second_administrator_decides",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="a_range_in_force_was_approved",
                condition=~Q(state__in=["in_force", "removed", "declined"])
                | Q(decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.cidr

    @property
    def network(self) -> IPv4Network | IPv6Network:
        return ip_network(self.cidr)

    @property
    def ledger_ref(self) -> str:
        return f"accounts.network_range:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Ranges belong to the organisation's stream."""
        return None
