"""The seven roles, what each may do, and who holds which where."""

from __future__ import annotations

import uuid
from datetime import UTC

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.project import Project


class Role(models.TextChoices):
    """The roles of the trade; the values are fixed names in the record."""

    ADMINISTRATOR = "administrator", "Administrator"
    DATA_MANAGER = "data_manager", "Data manager"
    ANNOTATOR = "annotator", "Annotator"
    REVIEWER = "reviewer", "Reviewer"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    REGULATORY = "regulatory", "Regulatory affairs"
    AUDITOR = "auditor", "Auditor"


# What each role may do in the project it is held for.
PROJECT_ROLES: dict[str, frozenset[str]] = {
    Role.DATA_MANAGER: frozenset(
        {
            "view_project", "view_images", "import_images", "decide_quarantine",
            "assign_items", "view_records", "freeze_snapshot", "export_snapshot",
            "view_ledger", "view_people",
        }
    ),
    Role.ANNOTATOR: frozenset({"view_project", "view_images", "annotate", "sign"}),
    Role.REVIEWER: frozenset({"view_project", "view_images", "review", "sign", "view_records"}),
    Role.ADJUDICATOR: frozenset({"view_project", "view_images", "sign", "view_records"}),
    Role.REGULATORY: frozenset(
        {"view_project", "view_records", "view_ledger", "make_report", "view_people"}
    ),
    Role.AUDITOR: frozenset(
        {"view_project", "view_images", "view_records", "view_ledger", "view_people"}
    ),
}  # fmt: skip

# What administrators may do in every project: never see images, never mark or sign.
ADMINISTRATOR_ON_PROJECTS = frozenset(
    {"view_project", "view_ledger", "make_report", "view_people"}
)

WITH_IMAGES = frozenset(r for r, may in PROJECT_ROLES.items() if "view_images" in may)
AUDITOR_DAYS = 90  # longer only with a reason of its own


def apart(one: str, other: str) -> str:
    """Return why nobody holds both roles at once; nothing where they go together."""
    pair = {one, other}
    if Role.ADMINISTRATOR in pair and pair & WITH_IMAGES:
        return (
            "Administrators see no images and mark nothing: whoever gives access does not "
            "use it. End the other role first, or give this one to somebody else."
        )
    if Role.AUDITOR in pair and pair & (WITH_IMAGES - {Role.AUDITOR}):
        return (
            "An auditor does not work in the project that is audited. End the other role "
            "first, or ask somebody from outside."
        )
    return ""


# What a role lets its holder do for the organisation as a whole.
ORGANISATION_ROLES: dict[str, frozenset[str]] = {
    "manage_people": frozenset({Role.ADMINISTRATOR}),
    "view_people": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "view_devices": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "manage_devices": frozenset({Role.ADMINISTRATOR}),
    "view_facilities": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "manage_facilities": frozenset({Role.ADMINISTRATOR}),
    "manage_projects": frozenset({Role.ADMINISTRATOR}),
    "break_glass": WITH_IMAGES - {Role.AUDITOR} | {Role.ADMINISTRATOR},
    "review_emergency": frozenset({Role.ADMINISTRATOR, Role.REGULATORY}),
    "review_access": frozenset({Role.ADMINISTRATOR}),
    "set_session_limits": frozenset({Role.ADMINISTRATOR}),
    "view_sessions": frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    "view_ledger": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "make_report": frozenset({Role.ADMINISTRATOR, Role.REGULATORY}),
    "manage_retention": frozenset({Role.ADMINISTRATOR, Role.REGULATORY}),
    "view_services": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "manage_services": frozenset({Role.ADMINISTRATOR}),
    "view_alerts": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "answer_alerts": frozenset({Role.ADMINISTRATOR}),
    "manage_training": frozenset({Role.ADMINISTRATOR}),
    "view_training": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
    "verify_qualifications": frozenset({Role.ADMINISTRATOR, Role.REGULATORY}),
    "manage_policies": frozenset({Role.ADMINISTRATOR, Role.REGULATORY}),
    "attest": frozenset({Role.ADMINISTRATOR, Role.REGULATORY}),
    "view_oversight": frozenset({Role.ADMINISTRATOR, Role.REGULATORY, Role.AUDITOR}),
}


ORGANISATION_TITLES = {
    "manage_people": "Give and close access",
    "manage_devices": "Keep the inventory of devices",
    "manage_facilities": "Keep facilities and their networks",
    "manage_projects": "Open projects",
    "view_people": "See everybody's access",
    "view_devices": "See the inventory of devices",
    "view_facilities": "See facilities",
    "view_sessions": "See sessions",
    "break_glass": "Open one subject in an emergency",
    "review_emergency": "Review emergency access",
    "review_access": "Review who holds what",
    "set_session_limits": "Set how long sessions last",
    "view_ledger": "Read the organisation's ledger",
    "make_report": "Make reports about the organisation",
    "manage_policies": "Publish policies",
    "attest": "Attest what software cannot see",
    "view_oversight": "See policies and attestations",
    "manage_retention": "Set periods, place holds, ask for and approve erasure",
    "view_services": "See programs and their tokens",
    "manage_services": "Give programs accounts and tokens",
    "view_alerts": "See alerts",
    "answer_alerts": "Answer alerts",
    "manage_training": "Keep courses, say who needs them, record completions",
    "view_training": "See everybody's training",
    "verify_qualifications": "Verify qualifications",
}


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Who holds which role."""

    def current(self) -> MembershipQuerySet:
        """Return the roles that are held now, by people whose access is open."""
        until = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
        return self.filter(until, ended_at__isnull=True, user__is_active=True)

    def expired(self) -> MembershipQuerySet:
        """Return the roles whose time is over although nobody has ended them yet."""
        return self.filter(ended_at__isnull=True, expires_at__lte=timezone.now())


class Membership(models.Model):
    """One person holding one role, for one project or the organisation, from a day to a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=500)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["granted_at", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="role_is_known", condition=Q(role__in=[*PROJECT_ROLES, Role.ADMINISTRATOR])
            ),
            models.CheckConstraint(
                name="only_administrators_are_everywhere",
                condition=Q(role="administrator", project__isnull=True)
                | (~Q(role="administrator") & Q(project__isnull=False)),
            ),
            models.UniqueConstraint(
                name="role_held_once",
                fields=["user", "role", "project"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.scope_name}"

    @property
    def scope_name(self) -> str:
        """The project's name, or the organisation."""
        return self.project.name if self.project else "whole organisation"

    @property
    def expiry(self) -> str:
        """When the role ends by itself, as the record writes it; empty where it does not."""
        until = self.expires_at
        return until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if until else ""

    @property
    def scope(self) -> str:
        """The name by which the record knows where the role holds."""
        return self.project.ledger_ref if self.project else "organisation"

    @property
    def ledger_ref(self) -> str:
        return f"accounts.membership:{self.pk}"

    @property
    def ledger_stream(self) -> None:
        """Roles belong to the organisation's stream."""
        return None
