"""What other people decided about an item, and the signatures they gave."""

import uuid
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from annotations.models import sealed


class Review(models.Model):
    """One decision by one reviewer about one version of an item; sealed like a revision."""

    class Decision(models.TextChoices):
        ACCEPT = "accept", "Accepted"
        CORRECT = "correct", "Corrected"
        REJECT = "reject", "Rejected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.PROTECT, related_name="reviews"
    )
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.TextField(blank=True)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                name="only_acceptance_goes_without_a_reason",
                condition=Q(decision="accept") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.review:{self.pk}"

    @cached_property
    def body(self) -> dict[str, Any]:
        """The sealed content, parsed."""
        return sealed.read(self.content, of=str(self))


class SignatureQuerySet(models.QuerySet["Signature"]):
    def holding(self) -> Self:
        return self.filter(superseded_at__isnull=True)


class Signature(models.Model):
    """A signature on an item's review and revisions: the manifest as signed, never voided.

    A later change supersedes it: `superseded_at`, `superseded_by` and `cause` are set once,
    and nothing else ever.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.PROTECT, related_name="signatures"
    )
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    printed_name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64)
    meaning = models.CharField(max_length=20)
    manifest = models.TextField()
    manifest_hash = models.CharField(max_length=64, unique=True)
    components = models.JSONField()
    signed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cause = models.TextField(blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                name="superseded_names_its_cause",
                condition=Q(superseded_at__isnull=True, superseded_by__isnull=True, cause="")
                | (Q(superseded_at__isnull=False, superseded_by__isnull=False) & ~Q(cause="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meaning} by {self.printed_name}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.signature:{self.manifest_hash}"

    @property
    def holds(self) -> bool:
        return self.superseded_at is None

    @cached_property
    def body(self) -> dict[str, Any]:
        """The manifest of schema signature.manifest/1, parsed."""
        return sealed.read(self.manifest.encode(), of=f"signature {self.pk}")
