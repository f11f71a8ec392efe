"""What was put before a person to sign, and whether it was answered."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Meaning(models.TextChoices):
    """What a signature says (21 CFR 11.50(a)(3)); the values stand in the manifest."""

    AUTHORSHIP = "authorship", "Authorship"
    REVIEW = "review", "Review"
    APPROVAL = "approval", "Approval"
    RESPONSIBILITY = "responsibility", "Responsibility"
    DISAPPROVAL = "disapproval", "Disapproval"


class SigningRequest(models.Model):
    """One manifest, for one person, answered once within two minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signing_requests"
    )
    meaning = models.CharField(max_length=20, choices=Meaning.choices)
    nonce = models.CharField(max_length=43, unique=True)
    manifest = models.TextField()  # the canonical bytes, as UTF-8: formats.md, "Signatures"
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_failure_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-issued_at"]
        default_permissions = ()
        indexes = [models.Index(fields=["signer", "last_failure_at"], name="signer_failures")]
        constraints = [
            models.CheckConstraint(
                name="meaning_is_known", condition=Q(meaning__in=Meaning.values)
            ),
            models.CheckConstraint(
                name="signing_takes_time_forward", condition=Q(expires_at__gt=F("issued_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"request to sign {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.signing_request:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """What happens to a request is recorded in the organisation's stream."""
        return None
