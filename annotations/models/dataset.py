"""Frozen datasets: a snapshot and its members."""

import uuid
from functools import cached_property
from typing import Any, Self

from django.db import models

from accounts.models import Project, User
from annotations.models import sealed


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def visible_to(self, user: User) -> Self:
        """Snapshots of the projects `user` belongs to."""
        return self.filter(project__in=Project.objects.visible_to(user, "view_project"))


class Snapshot(models.Model):
    """A dataset as it was frozen: a manifest whose root commits to every member.

    `content` is canonical JSON of schema dataset.snapshot/1; `root` is the Merkle tree hash
    of RFC 9162 §2.1.1 over the members' canonical bytes in order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="snapshots")
    name = models.CharField(max_length=120)
    root = models.CharField(max_length=64)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    frozen_by = models.CharField(max_length=120)
    frozen_at = models.DateTimeField()

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-frozen_at"]
        constraints = [
            models.UniqueConstraint(name="snapshot_name_is_unique", fields=["project", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_ref(self) -> str:
        return f"annotations.snapshot:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The manifest's head, parsed."""
        return sealed.read(self.content, of=f"snapshot {self.pk}")


class SnapshotMember(models.Model):
    """One accepted item in a snapshot: `content` is canonical JSON of snapshot.member/1."""

    class Subset(models.TextChoices):
        TRAIN = "train", "Training"
        VALIDATION = "validation", "Validation"
        TEST = "test", "Test"

    id = models.BigAutoField(primary_key=True)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="members")
    position = models.PositiveIntegerField()
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.PROTECT, related_name="memberships"
    )
    subset = models.CharField(max_length=10, choices=Subset.choices)
    subject_code = models.CharField(max_length=40)
    content = models.BinaryField()

    class Meta:
        default_permissions = ()
        ordering = ["snapshot_id", "position"]
        constraints = [
            models.UniqueConstraint(
                name="member_position_is_unique", fields=["snapshot", "position"]
            ),
            models.UniqueConstraint(name="item_is_member_once", fields=["snapshot", "item"]),
        ]

    def __str__(self) -> str:
        return f"member {self.position} of {self.snapshot_id}"

    @cached_property
    def body(self) -> dict[str, Any]:
        """The member record, parsed."""
        return sealed.read(self.content, of=str(self))
