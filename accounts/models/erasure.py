"""A request to erase: sealed, signed by who asks and by who approves, carried out once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.project import Project


class ErasureRequest(models.Model):
    """What shall go, on what basis, and who said so.

    `content` is canonical JSON (schema erasure.request/1) and is what both people sign:
    positions with commitments, or the public name of a subject's key.
    """

    class Kind(models.TextChoices):
        ENTRIES = "entries", "Entries of the record"
        SUBJECT_KEY = "subject_key", "The key of a subject"

    class State(models.TextChoices):
        PREPARED = "prepared", "Not signed yet"
        REQUESTED = "requested", "Waits for a second person"
        APPROVED = "approved", "Approved, under way"
        CARRIED_OUT = "carried_out", "Carried out"
        DECLINED = "declined", "Declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="erasures"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject_ref = models.CharField(max_length=300, blank=True)
    is_duty = models.BooleanField(default=False)  # a law asks for it before the period ends
    basis = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREPARED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasures_requested"
    )
    prepared_at = models.DateTimeField()
    requested_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="erasures_decided",
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=500, blank=True)
    carried_out_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-prepared_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="two_people_erase",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="an_erasure_was_decided",
                condition=Q(state__in=["prepared", "requested"], decided_by__isnull=True)
                | Q(
                    state__in=["approved", "carried_out", "declined"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.erasure_request:{self.pk}"

    @property
    def ledger_stream(self) -> str | None:
        return str(self.project_id) if self.project_id else None
