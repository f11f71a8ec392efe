"""What a person draws: an annotation, its sealed revisions, and the draft before them."""

import uuid
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from annotations.models import sealed


class Annotation(models.Model):
    """One drawn thing through all its revisions; its id is the instance of DICOM's terms."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.PROTECT, related_name="annotations"
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"annotation {self.pk}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.annotation:{self.pk}"


class RevisionQuerySet(models.QuerySet["Revision"]):
    def newest(self) -> Self:
        """Keep the newest revision of each annotation, retired ones included."""
        return self.order_by("annotation_id", "-number").distinct("annotation_id")


class Revision(models.Model):
    """One sealed version of an annotation: immutable bytes, their hash, their author.

    `content` is canonical JSON of schema annotation.revision/1; columns beside it only find
    it.  The database refuses UPDATE and DELETE.
    """

    id = models.BigAutoField(primary_key=True)
    annotation = models.ForeignKey(
        Annotation, on_delete=models.PROTECT, related_name="revisions"
    )
    instance = models.ForeignKey(
        "annotations.Instance", on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField()
    retired = models.BooleanField(default=False)
    parent_hash = models.CharField(max_length=64, blank=True)
    content = models.BinaryField()
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="revisions")
    created_at = models.DateTimeField()

    objects = RevisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["annotation_id", "number"]
        constraints = [
            models.UniqueConstraint(
                name="revision_number_is_unique", fields=["annotation", "number"]
            ),
            models.CheckConstraint(
                name="later_revision_has_a_parent",
                condition=Q(number=1, parent_hash="") | (Q(number__gt=1) & ~Q(parent_hash="")),
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.annotation_id}"

    @property
    def record_id(self) -> str:
        """What signatures and entries call the annotation; `number` is its version."""
        return f"annotations.annotation:{self.annotation_id}"

    @cached_property
    def body(self) -> dict[str, Any]:
        """The sealed content, parsed."""
        return sealed.read(self.content, of=str(self))
