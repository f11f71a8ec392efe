"""A person with an account."""

from __future__ import annotations

import uuid
import zoneinfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.identifiers import skeleton


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("This is not an IANA time zone, such as Europe/Berlin.")


class UserManager(BaseUserManager["User"]):
    """Finds people by the name they sign in with, however it is typed."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(identifier=skeleton(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """One named person, never deleted: access is closed, what they did stays theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("account (e-mail)", unique=True)
    # NFKC, case-folded, look-alikes merged; never given twice (21 CFR 11.100(a), 11.300(a))
    identifier = models.CharField(max_length=1024, unique=True, editable=False)
    printed_name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    is_active = models.BooleanField(default=True)
    temporary_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["printed_name"]

    class Meta:
        ordering = ["printed_name", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="nobody_is_superuser", condition=Q(is_superuser=False)),
        ]

    def __str__(self) -> str:
        return self.printed_name

    def get_full_name(self) -> str:
        return self.printed_name

    @property
    def initials(self) -> str:
        """The first letters of the first and the last word of the printed name."""
        words = self.printed_name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def ledger_ref(self) -> str:
        return f"accounts.user:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """People belong to the organisation's stream."""
        return None
