"""Bundles as they were asked for and made; the record holds their hashes."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

SILENCE = timedelta(seconds=60)  # after this a bundle still being made was interrupted


class Bundle(models.Model):
    """One inspection bundle, from the moment it was asked for.

    `until` and `since` bound its period, both included; `record` is a reference; without any of
    them it shows the whole stream.  Its file, if the site keeps it, goes after `file_until`.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Being made"
        MADE = "made", "Made"
        FAILED = "failed", "Could not be made"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream_key = models.CharField(max_length=64)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    record = models.CharField(max_length=300, blank=True)
    requested_by = models.CharField(max_length=280)
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    problem = models.TextField(blank=True)
    stage = models.CharField(max_length=20, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    beat_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    file_until = models.DateTimeField(null=True)

    class Meta:
        app_label = "ledger"
        indexes = [models.Index(fields=["stream_key", "-requested_at"], name="newest_bundle")]
        constraints = [
            models.CheckConstraint(
                name="made_bundle_has_its_digest",
                condition=~Q(state="made")
                | (Q(made_at__isnull=False, size__gt=0) & ~Q(sha256="")),
            ),
        ]

    def __str__(self) -> str:
        return f"bundle {self.sha256[:12] or self.pk}"

    @property
    def ledger_ref(self) -> str:
        """How entries name it."""
        return f"ledger.bundle:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Bundles are the organisation's acts, whatever project they are about."""
        return

    @property
    def file_path(self) -> str:
        """Where the site keeps its file while it does."""
        return str(settings.BUNDLE_DIR / f"{self.pk}.zip")

    @property
    def is_silent(self) -> bool:
        """Whether nobody works on it any more, though it is not made."""
        unfinished = self.state == self.State.REQUESTED
        return unfinished and self.beat_at < timezone.now() - SILENCE

    @property
    def is_kept(self) -> bool:
        """Whether its file can still be had here."""
        made = self.state == self.State.MADE
        return made and self.file_until is not None and self.file_until > timezone.now()
