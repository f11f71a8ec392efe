"""A periodic look at who holds what: sealed with every decision, signed, carried out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

REVIEWED_EVERY = timedelta(days=90)


class AccessReviewQuerySet(models.QuerySet["AccessReview"]):
    """Reviews by whether they were signed."""

    def completed(self) -> AccessReviewQuerySet:
        return self.filter(signed_at__isnull=False)

    def due_at(self) -> datetime | None:
        """Return when the next one is due; None where there was none, and it is due now."""
        newest = self.completed().order_by("-signed_at").values_list("signed_at", flat=True)
        last = newest.first()
        return last + REVIEWED_EVERY if last else None


class AccessReview(models.Model):
    """What somebody decided on every role that was held.

    `content` is canonical JSON (schema access.review/1): every open account, every role, and
    for each role whether it is kept or ended, and why.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_reviews"
    )
    prepared_at = models.DateTimeField()
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    accounts = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()
    signed_at = models.DateTimeField(null=True, blank=True)

    objects = AccessReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-prepared_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="an_access_review_is_sealed", condition=~Q(content_hash="")
            )
        ]

    def __str__(self) -> str:
        return f"access review of {self.prepared_at:%-d %b %Y}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.access_review:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Who holds what belongs to the organisation's stream."""
        return None
