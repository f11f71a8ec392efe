"""A place where people work: who answers for it, what is attested, where its network is."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Facility(models.Model):
    """One room or house: how one gets in, and the person who answers for that."""

    class MobileDevices(models.TextChoices):
        ALLOWED = "allowed", "Allowed"
        LEFT_OUTSIDE = "left_outside", "Left outside while images are open"
        FORBIDDEN = "forbidden", "Not brought in at all"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120, unique=True)
    location = models.CharField(max_length=200)
    access_control = models.CharField(max_length=2000)
    mobile_devices = models.CharField(max_length=20, choices=MobileDevices.choices)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="facilities"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ["title"]
        default_permissions = ()
        verbose_name_plural = "facilities"
        constraints = [
            models.CheckConstraint(
                name="a_deputy_is_somebody_else",
                condition=Q(deputy=None) | ~Q(deputy=F("responsible")),
            ),
            models.CheckConstraint(
                name="a_facility_says_how_one_gets_in",
                condition=~Q(title="") & ~Q(location="") & ~Q(access_control=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ledger_ref(self) -> str:
        return f"accounts.facility:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Facilities belong to the organisation's stream."""
        return None


class FacilityAttestation(models.Model):
    """What a named person says about a place, from a day until a day, on evidence they keep."""

    class Statement(models.TextChoices):
        CLOSED = "closed", "Access while the building is closed is arranged"
        SCREENS = "screens", "Screens are not seen from door or corridor"
        RULES = "rules", "Everybody here knows the rules of use, mobile devices included"
        ADMITTANCE = (
            "admittance",
            "The list of who gets in is checked; visitors accompanied",
        )
        REPAIRS = "repairs", "Repairs to doors and locks are on record"

    CLAUSES = {
        Statement.CLOSED: "164.310(a)(2)(i)",
        Statement.SCREENS: "164.310(c)",
        Statement.RULES: "164.310(b)",
        Statement.ADMITTANCE: "164.310(a)(2)(iii)",
        Statement.REPAIRS: "164.310(a)(2)(iv)",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="attestations"
    )
    statement = models.CharField(max_length=20, choices=Statement.choices)
    evidence_hash = models.CharField(max_length=64)  # SHA-256 of the file that they keep
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    attested_at = models.DateTimeField()
    expires = models.DateField()  # holds to the end of this day, UTC

    class Meta:
        ordering = ["-attested_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="an_attestation_has_evidence", condition=~Q(evidence_hash="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility}: {self.get_statement_display()}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.facility_attestation:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Attestations belong to the organisation's stream."""
        return None

    @property
    def clause(self) -> str:
        """The paragraph of 45 CFR that asks for it."""
        return self.CLAUSES[self.Statement(self.statement)]


class FacilityLog(models.Model):
    """A visit to a place, or work on its doors, locks and walls."""

    class Kind(models.TextChoices):
        VISIT = "visit", "Visit"
        MAINTENANCE = "maintenance", "Maintenance"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="log")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    comment = models.CharField(max_length=500)  # who came, what was done
    accompanied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["-began_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="what_began_ended_later", condition=Q(ended_at__gte=F("began_at"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.began_at:%d %b %Y}"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.facility_log:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """The log belongs to the organisation's stream."""
        return None
