"""Which person somebody is who signs in at their organisation."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class IdentityLinkQuerySet(models.QuerySet["IdentityLink"]):
    """Links by whether they hold."""

    def in_force(self) -> IdentityLinkQuerySet:
        return self.filter(ended_at__isnull=True)


class IdentityLink(models.Model):
    """An administrator's word that a subject at an issuer is this person; no e-mail says so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="identity_links"
    )
    issuer = models.CharField(max_length=300)
    subject_hash = models.CharField(max_length=64)  # keyed, with its issuer
    linked_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=500)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    objects = IdentityLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-linked_at", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="a_subject_is_one_person",
                fields=["issuer", "subject_hash"],
                condition=Q(ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_subject_at_an_issuer",
                fields=["user", "issuer"],
                condition=Q(ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"link {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.identity_link:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Links belong to the organisation's stream."""
        return None
