"""Attestations: what software cannot see, said by a named person until a day."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.data_permission import today


class Attestation(models.Model):
    """A person vouches for one statement of one clause; prepared, then signed.

    `owner` renews it before `expires`.  A prepared one binds nobody.
    """

    class Answer(models.TextChoices):
        ATTESTED = "attested", "I vouch for this"
        NOT_APPLICABLE = "not_applicable", "This clause does not apply here"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    catalogue = models.CharField(max_length=40)
    clause_id = models.CharField(max_length=60)
    answer = models.CharField(max_length=20, choices=Answer.choices)
    statement = models.TextField()
    statement_hash = models.CharField(max_length=64)
    grounds = models.CharField(max_length=500)
    evidence_hash = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(max_length=64)
    expires = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_attestations"
    )
    attestor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attestations"
    )
    prepared_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-prepared_at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(
                name="attestation_by_statement",
                fields=["catalogue", "clause_id", "statement_hash"],
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="attestation_names_a_clause", condition=~Q(clause_id="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.clause_id}, {self.get_answer_display()}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.attestation:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Attestations belong to the organisation's stream."""
        return None

    @property
    def is_current(self) -> bool:
        """Tell whether it is signed and its last day has not passed."""
        return self.signed_at is not None and self.expires >= today()

    @property
    def content(self) -> dict[str, Any]:
        """What is hashed and signed."""
        return {
            "schema": "attestation/1",
            "record_id": self.ledger_ref,
            "catalogue": self.catalogue,
            "clause_id": self.clause_id,
            "answer": str(self.answer),
            "statement_hash": self.statement_hash,
            "grounds": self.grounds,
            "evidence_hash": self.evidence_hash,
            "expires": str(self.expires),
            "owner": f"accounts.user:{self.owner_id}",
            "attestor": f"accounts.user:{self.attestor_id}",
        }
