"""Policies: versioned documents, and who acknowledged which version."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.role import Role


class Policy(models.Model):
    """A rule of the house that is written down; what it says stands in its versions."""

    class Kind(models.TextChoices):
        GENERAL = "general", "Rules of work"
        SECURITY = "security", "Security and privacy"
        SIGNATURES = "signatures", "Signatures and accountability"
        MOBILE = "mobile", "Mobile devices at the workstation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)

    class Meta:
        ordering = ["title", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class PolicyVersion(models.Model):
    """What a policy says from a day on, and which roles sign that they know it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    document_hash = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(max_length=64)
    valid_from = models.DateField()
    due_days = models.PositiveSmallIntegerField()
    roles = models.JSONField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["policy__title", "-number", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="policy_version_once", fields=["policy", "number"]),
            models.CheckConstraint(
                name="policy_version_says_something",
                condition=~Q(text="") | ~Q(document_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy.title}, version {self.number}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.policy_version:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Policies belong to the organisation's stream."""
        return None

    @property
    def due_on(self) -> date:
        """The last day to acknowledge it."""
        return self.valid_from + timedelta(days=self.due_days)

    @property
    def role_names(self) -> str:
        """Which roles acknowledge it, in words."""
        labels = dict(Role.choices)
        return ", ".join(str(labels.get(role, role)) for role in self.roles)

    @property
    def content(self) -> dict[str, Any]:
        """What is hashed and signed."""
        return {
            "schema": "policy.version/1",
            "record_id": self.ledger_ref,
            "title": self.policy.title,
            "kind": self.policy.kind,
            "version": self.number,
            "text": self.text,
            "document_hash": self.document_hash,
            "valid_from": str(self.valid_from),
            "due_days": self.due_days,
            "roles": sorted(self.roles),
        }


class Acknowledgement(models.Model):
    """A person signed that they know what a version says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="acknowledged_once", fields=["version", "user"])
        ]

    def __str__(self) -> str:
        return f"{self.user} knows {self.version}"
