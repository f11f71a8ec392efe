"""What slows guessing: tries that failed lately, and browsers that people signed in from."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FailedTry(models.Model):
    """One try to sign in that has not succeeded; kept for an hour, and only as hashes."""

    account = models.CharField(max_length=64)  # keyed hash of what was typed, look-alikes alike
    network = models.CharField(max_length=64, blank=True)  # keyed; an IPv6 one by its /64
    browser = models.CharField(max_length=64, blank=True)  # of a browser known for the account
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["account", "at"], name="tries_of_account"),
            models.Index(fields=["network", "at"], name="tries_of_network"),
            models.Index(fields=["at"], name="tries_by_time"),
        ]

    def __str__(self) -> str:
        return f"failed try {self.pk}"


class KnownBrowser(models.Model):
    """A browser that a person signed in from before: slowed like others, never kept waiting."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="browsers"
    )
    key_hash = models.CharField(max_length=64)  # keyed hash of what its cookie holds
    last_sign_in = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)  # since the last sign-in

    class Meta:
        ordering = ["-last_sign_in"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="a_browser_is_known_once", fields=["user", "key_hash"])
        ]

    def __str__(self) -> str:
        return f"known browser {self.pk}"
