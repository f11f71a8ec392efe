"""A program that works in one project, the tokens it shows, and what a token may do."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.project import Project

if TYPE_CHECKING:
    from datetime import datetime

# What a token may be given, and which permissions in the service's project each scope carries.
# Nothing else decides: no scope carries signing, reading, review, or anything of a person's.
SCOPES: dict[str, frozenset[str]] = {
    "imports:read": frozenset({"view_project", "import_images"}),
    "imports:write": frozenset({"view_project", "import_images"}),
}

SCOPE_TITLES = {
    "imports:read": "See how far an import is",
    "imports:write": "Begin imports and send their files",
}


class ServiceAccount(models.Model):
    """A program with a named owner and a purpose, in one project; closed, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    identifier = models.CharField(max_length=1440, unique=True, editable=False)
    purpose = models.CharField(max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="services"
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="services")
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="a_service_has_a_purpose", condition=~Q(purpose="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_ref(self) -> str:
        return f"accounts.service:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Services belong to the organisation's stream."""
        return None


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by whether they open anything."""

    def usable(self, now: datetime) -> TokenQuerySet:
        """Return the tokens that open something at `now`: theirs is open, its owner is here."""
        return self.filter(
            revoked_at__isnull=True,
            expires_at__gt=now,
            issued_at__lte=now,
            service__closed_at__isnull=True,
            service__owner__is_active=True,
        )


class Token(models.Model):
    """What a service shows with each call; the secret itself was shown once and is not kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(ServiceAccount, on_delete=models.PROTECT, related_name="tokens")
    secret_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of 256 random bits
    scopes = models.JSONField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=500, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="a_token_expires", condition=Q(expires_at__gt=F("issued_at"))
            ),
            models.CheckConstraint(
                name="a_revoked_token_says_why",
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoke_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"token {str(self.pk)[:8]}"

    @property
    def titles(self) -> list[str]:
        """What the token may do, in words."""
        return [SCOPE_TITLES.get(scope, scope) for scope in self.scopes]

    @property
    def ledger_ref(self) -> str:
        return f"accounts.token:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Tokens belong to the organisation's stream."""
        return None


@dataclass(frozen=True)
class Caller:
    """A service as it calls, under one token: what the record names is the service."""

    token: Token

    is_authenticated = True
    is_anonymous = False
    is_active = True

    def __str__(self) -> str:
        return self.token.service.name

    @property
    def pk(self) -> uuid.UUID:
        return self.token.service_id

    @property
    def ledger_ref(self) -> str:
        return self.token.service.ledger_ref

    def may(self, scope: str) -> bool:
        """Tell whether the token was given `scope`."""
        return scope in self.token.scopes and scope in SCOPES

    def project_for(self, permission: str) -> uuid.UUID | None:
        """Return the one project in which some scope of the token carries `permission`."""
        carried = (SCOPES.get(scope, frozenset()) for scope in self.token.scopes)
        if any(permission in permissions for permissions in carried):
            return self.token.service.project_id
        return None
