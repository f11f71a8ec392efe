"""Reports as they were made: kept for people to find; the record holds their hashes."""

import uuid

from django.db import models
from django.db.models import Q


class EvidenceReport(models.Model):
    """One report, from the moment it was asked for; its bytes never change once made.

    `head` is the position of its `report.requested` entry in the organisation's stream.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Being made"
        MADE = "made", "Made"
        FAILED = "failed", "Could not be made"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=20, blank=True)
    catalogue = models.CharField(max_length=64)
    stream_key = models.CharField(max_length=64)
    requested_by = models.CharField(max_length=280)
    requested_at = models.DateTimeField()
    period_from = models.DateField()
    period_to = models.DateField()
    head = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    problem = models.TextField(blank=True)
    made_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    pages = models.IntegerField(default=0)
    report_sha256 = models.CharField(max_length=64, blank=True)
    report_json = models.BinaryField(default=bytes)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    pdf = models.BinaryField(default=bytes)

    class Meta:
        app_label = "ledger"
        indexes = [models.Index(fields=["stream_key", "-requested_at"], name="newest_report")]
        constraints = [
            models.CheckConstraint(
                name="made_report_has_its_bytes",
                condition=~Q(state="made")
                | (
                    Q(head__isnull=False, made_at__isnull=False, pages__gt=0)
                    & ~Q(report_sha256="")
                    & ~Q(pdf_sha256="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"report {self.pk}"

    @property
    def ledger_ref(self) -> str:
        """How entries name it."""
        return f"ledger.report:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Reports are the organisation's acts, whatever project they are about."""
        return
