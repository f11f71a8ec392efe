"""Files on their way in: a batch, and what became of each of its files."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

import ledger
from accounts.models import Project, User
from annotations.models.image import Instance


class ImportBatch(models.Model):
    """Files that one actor sent together; `listed` is how many the sender announced."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="batches")
    started_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="batches"
    )
    actor = models.CharField(max_length=300)  # by the record's name: a person or "system:…"
    session = models.CharField(max_length=300, blank=True)  # pseudonym, for the record
    device = models.CharField(max_length=300, blank=True)
    listed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        default_permissions = ()
        indexes = [models.Index(name="batch_by_project", fields=["project", "-created_at"])]

    def __str__(self) -> str:
        return f"import {self.pk}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.batch:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)


class ImportedFileQuerySet(models.QuerySet["ImportedFile"]):
    def held_for(self, user: User) -> Self:
        """Quarantined files that `user` may decide about."""
        return self.filter(
            status=ImportedFile.Status.QUARANTINED,
            project__in=Project.objects.visible_to(user, "decide_quarantine"),
        )

    def waiting(self) -> Self:
        return self.filter(status=ImportedFile.Status.WAITING)

    def undecided(self) -> Self:
        return self.filter(status=ImportedFile.Status.QUARANTINED, decision="")


class ImportedFile(models.Model):
    """One file that arrived.  Its name is never kept: it can hold a person's name.

    Until its outcome, or the decision if it is quarantined, `original` names its encrypted
    bytes and `received` is the canonical JSON of what was found in it, the digest of the
    de-identified file included.  `version` rises with each decision about it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "To come"
        IMPORTED = "imported", "Imported"
        QUARANTINED = "quarantined", "Quarantined"
        DUPLICATE = "duplicate", "Duplicate"
        REJECTED = "rejected", "Rejected"

    class Decision(models.TextChoices):
        NONE = "", "Undecided"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="files")
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="files")
    number = models.PositiveIntegerField()  # the sender's position, from 1
    size = models.PositiveBigIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    reason = models.CharField(max_length=400, blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    input_digest = models.CharField(max_length=64, blank=True)
    original = models.CharField(max_length=64, blank=True)
    received = models.TextField(blank=True)
    instance = models.ForeignKey(
        Instance, on_delete=models.PROTECT, null=True, blank=True, related_name="files"
    )
    version = models.PositiveIntegerField(default=1)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ImportedFileQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "number"]
        default_permissions = ()
        indexes = [
            models.Index(
                name="files_waiting", fields=["created_at"], condition=Q(status="waiting")
            ),
            models.Index(
                name="files_held",
                fields=["project", "settled_at"],
                condition=Q(status="quarantined"),
            ),
            models.Index(name="file_by_input", fields=["project", "input_digest"]),
        ]
        constraints = [
            models.UniqueConstraint(name="number_once_per_batch", fields=["batch", "number"]),
            models.CheckConstraint(
                name="outcome_is_known",
                condition=Q(
                    status__in=[
                        "waiting",
                        "imported",
                        "quarantined",
                        "duplicate",
                        "rejected",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="an_image_has_an_instance",
                condition=~Q(status="imported") | Q(instance__isnull=False),
            ),
            models.CheckConstraint(
                name="nothing_lost_says_why",
                condition=~Q(status__in=["quarantined", "duplicate", "rejected"])
                | ~Q(reason_code=""),
            ),
            models.CheckConstraint(
                name="a_decision_has_a_person_and_a_reason",
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    Q(decision__in=["accepted", "rejected"])
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decision_reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.number} of {self.batch_id}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.file:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)

    @property
    def facts(self) -> dict[str, Any]:
        """What was found in the file; empty once it is disposed of."""
        if not self.received:
            return {}
        found: dict[str, Any] = ledger.parse(self.received.encode())["facts"]
        return found

    @property
    def is_undecided(self) -> bool:
        return self.status == self.Status.QUARANTINED and not self.decision
