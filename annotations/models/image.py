"""Images as they are kept: whose, in which series and order, and what was measured on them."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Project, User


class Subject(models.Model):
    """A patient as the project knows them: a number and a pseudonym, never a name.

    `key_hash` is the keyed pseudonym that joins files of one patient; where a file names
    nobody it stands for the study.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="subjects")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=20)
    key_hash = models.CharField(max_length=80)
    erased_at = models.DateTimeField(null=True, blank=True)  # the patient's key was destroyed

    class Meta:
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="subject_once", fields=["project", "key_hash"]),
            models.UniqueConstraint(name="subject_code_once", fields=["project", "code"]),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def ledger_ref(self) -> str:
        return f"annotations.subject:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, user: User) -> Self:
        """Series of the projects in which `user` opens images."""
        return self.filter(project__in=Project.objects.visible_to(user, "view_images"))

    def known_to(self, user: User) -> Self:
        """Series of the projects that `user` may know of, images opened or not."""
        return self.filter(project__in=Project.objects.visible_to(user, "view_project"))


class Series(models.Model):
    """Images of one acquisition, in spatial order.

    The UIDs are the de-identified ones.  `slices` lists [instance id, frame] in the order in
    which a person scrolls; `slice_spacing` is in mm, a decimal string.
    """

    class Plane(models.TextChoices):
        AXIAL = "axial", "axial"
        CORONAL = "coronal", "coronal"
        SAGITTAL = "sagittal", "sagittal"
        OBLIQUE = "oblique", "oblique"
        NONE = "", "no plane"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="series")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="series")
    study_uid = models.CharField(max_length=64)
    series_uid = models.CharField(max_length=64)
    modality = models.CharField(max_length=16)
    body_part = models.CharField(max_length=40, blank=True)
    sex = models.CharField(max_length=10, blank=True)  # M, F, O, missing or invalid
    age_band = models.CharField(max_length=10, blank=True)  # ten years wide, 90 and over as one
    title = models.CharField(max_length=200)
    plane = models.CharField(max_length=10, choices=Plane.choices, blank=True)
    is_volume = models.BooleanField(default=False)
    slice_spacing = models.CharField(max_length=32, blank=True)
    arrangement = models.CharField(max_length=400, blank=True)  # why it is no volume; gaps
    samples = models.PositiveSmallIntegerField(default=1)  # 1 grey, 3 colour
    dtype = models.CharField(max_length=8, blank=True)  # of the frames as they are served
    version = models.PositiveIntegerField(default=0)  # rises with each arrangement
    slices = models.JSONField(default=list)
    frames = models.PositiveIntegerField(default=0)
    thumbnail = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        verbose_name_plural = "series"
        default_permissions = ()
        indexes = [models.Index(name="series_by_project", fields=["project", "-created_at"])]
        constraints = [
            models.UniqueConstraint(
                name="series_uid_once", fields=["subject", "series_uid", "samples"]
            ),
            models.CheckConstraint(
                name="plane_is_known",
                condition=Q(plane__in=["axial", "coronal", "sagittal", "oblique", ""]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ledger_ref(self) -> str:
        return f"annotations.series:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)


class InstanceQuerySet(models.QuerySet["Instance"]):
    def visible_to(self, user: User) -> Self:
        """Images of the projects in which `user` opens images."""
        return self.filter(project__in=Project.objects.visible_to(user, "view_images"))

    def known_to(self, user: User) -> Self:
        """Images of the projects that `user` may know of, images opened or not."""
        return self.filter(project__in=Project.objects.visible_to(user, "view_project"))


class Instance(models.Model):
    """One image of a series, as it was recorded when it came in.

    `file_sha256` is of the de-identified file, `pixel_sha256` of its decoded stored pixels;
    `facts` is the canonical JSON that describes geometry and pixels; `renditions` the digests
    of its frames as the viewer gets them, in the file's order.  `content_hash` is what the
    record says of all this: `annotations.records` compares the two.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="instances")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="instances")
    order = models.PositiveIntegerField(default=0)  # place in the series, from 0
    sop_uid = models.CharField(max_length=64)
    sop_class_uid = models.CharField(max_length=64, blank=True)
    frame_of_reference_uid = models.CharField(max_length=64, blank=True)
    input_digest = models.CharField(max_length=64)  # keyed: says nothing about the original
    file_sha256 = models.CharField(max_length=64)
    pixel_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    frames = models.PositiveIntegerField()
    dtype = models.CharField(max_length=8)  # of the renditions: int16, float32 or uint8
    facts = models.TextField()
    renditions = models.JSONField()
    thumbnail = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = InstanceQuerySet.as_manager()

    class Meta:
        ordering = ["series_id", "order", "id"]
        default_permissions = ()
        indexes = [
            models.Index(name="instance_by_input", fields=["project", "input_digest"]),
        ]
        constraints = [
            models.UniqueConstraint(name="sop_uid_once", fields=["project", "sop_uid"]),
            models.CheckConstraint(
                name="image_has_pixels", condition=Q(rows__gt=0, columns__gt=0, frames__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"image {self.pk}"

    @property
    def ledger_ref(self) -> str:
        return f"annotations.instance:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)


class Viewing(models.Model):
    """That a person opened images in one session; the record says it once.

    `ref` is the record's name of the series, or of the file that is held.
    """

    id = models.BigAutoField(primary_key=True)
    ref = models.CharField(max_length=80)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="viewings")
    session = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="viewed_once", fields=["ref", "user", "session"]),
        ]

    def __str__(self) -> str:
        return f"viewing of {self.ref}"
