"""On what ground a project holds patients' data: papers, their scope and their withdrawal."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models.project import Project


def today() -> date:
    """Return the day by the server's clock, in UTC, as every day in the record is."""
    return timezone.now().date()


class DataPermissionQuerySet(models.QuerySet["DataPermission"]):
    """Which papers permit what, today."""

    def standing(self) -> DataPermissionQuerySet:
        """Return what nobody withdrew, whatever its dates."""
        return self.filter(withdrawn_at__isnull=True)

    def current(self, purpose: str) -> DataPermissionQuerySet:
        """Return what permits `purpose` today."""
        day = today()
        return self.standing().filter(
            valid_from__lte=day, expires_on__gte=day, purposes__contains=[purpose]
        )

    def covering(self, project: Any, subject_ref: str, purpose: str) -> DataPermissionQuerySet:
        """Return what permits `purpose` for one subject, or with "" for the collection.

        A subject who withdrew is covered by a paper about that subject alone, made since.
        """
        found = self.current(purpose).filter(project=project)
        if not subject_ref:
            return found.filter(subject_ref="")
        gone = SubjectWithdrawal.objects.filter(
            project=OuterRef("project"), subject_ref=subject_ref
        )
        return found.filter(Q(subject_ref=subject_ref) | (Q(subject_ref="") & ~Q(Exists(gone))))


class DataPermission(models.Model):
    """One paper that lets a project use a collection, or one subject, for named purposes.

    `valid_from` and `expires_on` are included.  The document stays with the organisation;
    its SHA-256 is kept here.
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", "Consent of the person"
        WAIVER = "waiver", "Waiver of consent"
        PUBLISHED = "published", "Published, de-identified collection"

    class Purpose(models.TextChoices):
        ANNOTATION = "annotation", "Import and annotation"
        DATASET = "dataset", "Frozen datasets"
        SHARING = "sharing", "Exports"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="data_permissions"
    )
    subject_ref = models.CharField(max_length=300, blank=True)  # "": the whole collection
    basis = models.CharField(max_length=20, choices=Basis.choices)
    basis_reference = models.CharField(max_length=200)
    ethics_approval = models.CharField(max_length=200)
    terms = models.CharField(max_length=500)
    purposes = models.JSONField()
    valid_from = models.DateField()
    expires_on = models.DateField()
    document_hash = models.CharField(max_length=64)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=80, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdraw_reason = models.CharField(max_length=500, blank=True)

    objects = DataPermissionQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(name="permission_by_subject", fields=["project", "subject_ref"])
        ]
        constraints = [
            models.CheckConstraint(
                name="permission_ends_after_it_begins",
                condition=Q(expires_on__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="withdrawn_permission_says_by_whom",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_basis_display()}, {self.basis_reference}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.data_permission:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)

    @property
    def purposes_named(self) -> str:
        """What it permits, in words."""
        return ", ".join(str(self.Purpose(each).label) for each in self.purposes)

    @property
    def state(self) -> str:
        """How it stands today: current, withdrawn, expired or to come."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.expires_on < today():
            return "expired"
        return "current" if self.valid_from <= today() else "to come"


class SubjectWithdrawal(models.Model):
    """A subject's data are not to be used any more, whatever papers cover the collection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="subject_withdrawals"
    )
    subject_ref = models.CharField(max_length=300)
    reason = models.CharField(max_length=500)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-withdrawn_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="withdrawal_names_a_subject", condition=~Q(subject_ref="")
            )
        ]
        indexes = [
            models.Index(name="withdrawal_by_subject", fields=["project", "subject_ref"])
        ]

    def __str__(self) -> str:
        return f"withdrawal {str(self.pk)[:8]}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.subject_withdrawal:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        return str(self.project_id)
