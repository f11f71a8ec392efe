"""What a project's annotators are asked to mark: one numbered, sealed version after another."""

import uuid
from functools import cached_property
from typing import Any

from django.db import models

import ledger
from accounts.models import Project
from annotations.models import sealed


class Protocol(models.Model):
    """One published version of a project's protocol: its name and its coded labels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="protocols")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                name="protocol_version_is_unique", fields=["project", "version"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.protocol:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)

    @property
    def labels_hash(self) -> str:
        """SHA-256 of the labels alone, the project's ontology."""
        return ledger.sha256_hex(ledger.canonical({"labels": self.labels}))

    @cached_property
    def labels(self) -> list[dict[str, Any]]:
        """The labels as published: value, scheme, meaning, color, kinds."""
        return list(sealed.read(self.content, of=f"protocol {self.pk}")["labels"])
