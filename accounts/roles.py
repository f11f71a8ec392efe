"""Grant and end roles."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import (
    LastAdministratorError,
    OwnAccessError,
    PersonInactiveError,
    RoleHeldError,
    RoleNotHeldError,
    RoleScopeError,
)
from accounts.errors.roles import AuditorTermError, ExpiryPastError, RolesApartError
from accounts.events.people import UserRoleGranted, UserRoleRevoked
from accounts.events.roles import UserRoleExpired, UserRoleExpirySet
from accounts.models import Membership, Project, ProjectUserObjectPermission, Role, User
from accounts.models.role import AUDITOR_DAYS, PROJECT_ROLES, apart
from accounts.permissions import require_organisation_permission

SETUP = "system:setup"  # makes the first administrator, from the command line only
EXPIRY = "system:role_expiry"


@dataclass(frozen=True, kw_only=True)
class Term:
    """Until when a role is held, and why an auditor's is longer than usual."""

    expires_at: datetime
    longer_because: str = ""

    @property
    def why(self) -> str | None:
        """The reason for a longer time, or None where there is none."""
        return self.longer_because.strip() or None


@transaction.atomic
def grant(
    user: User,
    *,
    role: str,
    project: Project | None = None,
    by: User | str,
    reason: str,
    term: Term | None = None,
) -> Membership:
    """Give `user` the role, in `project` or for the organisation, on the word of `by`.

    `by` is an administrator, or "system:setup" from the command line.  With a `term` the role
    ends by itself; an auditor's always does.  Raises PermissionDenied, OwnAccessError,
    ReasonMissingError, RoleScopeError, PersonInactiveError, RoleHeldError, RolesApartError,
    ExpiryPastError or AuditorTermError; then nothing has changed and nothing is recorded.
    """
    authorised_by = _authority(user, by=by)

    user = User.objects.select_for_update().get(pk=user.pk)
    role = str(role)  # a member of Role is one too, and the record holds plain text
    _require_grantable(user, role, project, reason)
    _require_term(role, term)

    membership = Membership.objects.create(
        user=user,
        role=role,
        project=project,
        granted_by=authorised_by,
        reason=reason.strip(),
        expires_at=term.expires_at if term else None,
    )
    if project is not None:
        _align_permissions(user, project)

    ledger.append(_granted(membership), actor=by, subject=user, reason=membership.reason)
    if term:
        ledger.append(_expiry_set(membership), actor=by, subject=user, reason=term.why)
    return membership


@transaction.atomic
def revoke(membership: Membership, *, by: User, reason: str) -> None:
    """End the role; what it allowed is refused from the next request on.

    Raises PermissionDenied, OwnAccessError, ReasonMissingError, RoleNotHeldError or
    LastAdministratorError; then nothing has changed and nothing is recorded.
    """
    authorised_by = _authority(membership.user, by=by)

    user = User.objects.select_for_update().get(pk=membership.user_id)
    _keep_an_administrator(membership)
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if not reason.strip():
        raise ReasonMissingError
    if membership.ended_at is not None:
        raise RoleNotHeldError

    membership.ended_at = timezone.now()
    membership.ended_by = authorised_by
    membership.end_reason = reason.strip()
    membership.save(update_fields=["ended_at", "ended_by", "end_reason"])
    if membership.project is not None:
        _align_permissions(user, membership.project)

    ledger.append(
        UserRoleRevoked(
            membership_id=str(membership.pk),
            person_id=str(user.pk),
            role=membership.role,
            scope=membership.scope,
            authorised_by=authorised_by,
            justification=membership.end_reason,
        ),
        actor=by,
        subject=user,
        reason=membership.end_reason,
    )


@transaction.atomic
def expire(membership: Membership) -> bool:
    """End a role whose time is over, on record; tell whether it was still to be ended."""
    user = User.objects.select_for_update().get(pk=membership.user_id)
    held = Membership.objects.select_for_update(of=("self",)).filter(pk=membership.pk)
    found = held.expired().select_related("project").first()
    if found is None:
        return False

    found.ended_at = found.expires_at
    found.ended_by = EXPIRY
    found.save(update_fields=["ended_at", "ended_by"])
    if found.project is not None:
        _align_permissions(user, found.project)

    ledger.append(_expired(found), actor=EXPIRY, subject=user)
    return True


def end_expired() -> int:
    """End every role whose time is over; return how many.  They opened nothing meanwhile."""
    return sum(expire(membership) for membership in Membership.objects.expired())


def _granted(membership: Membership) -> UserRoleGranted:
    return UserRoleGranted(
        membership_id=str(membership.pk),
        person_id=str(membership.user_id),
        role=membership.role,
        scope=membership.scope,
        authorised_by=membership.granted_by,
        justification=membership.reason,
    )


def _expiry_set(membership: Membership) -> UserRoleExpirySet:
    return UserRoleExpirySet(
        membership_id=str(membership.pk),
        person_id=str(membership.user_id),
        role=membership.role,
        scope=membership.scope,
        expires=membership.expiry,
    )


def _expired(membership: Membership) -> UserRoleExpired:
    return UserRoleExpired(
        membership_id=str(membership.pk),
        person_id=str(membership.user_id),
        role=membership.role,
        scope=membership.scope,
        expired=membership.expiry,
    )


def _authority(user: User, *, by: User | str) -> str:
    """Return who authorises a change to the access of `user`, or raise."""
    if isinstance(by, str):
        if by != SETUP:
            raise ValueError(f"{by} grants no roles; only {SETUP} does, once.")
        return by
    require_organisation_permission(by, "manage_people")
    if by.pk == user.pk:
        raise OwnAccessError
    return by.ledger_ref


def _require_grantable(user: User, role: str, project: Project | None, reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError
    if (project is None) != (role == Role.ADMINISTRATOR) or role not in Role.values:
        raise RoleScopeError(role)
    if not user.is_active:
        raise PersonInactiveError
    for over in user.memberships.expired():
        expire(over)
    if user.memberships.filter(role=role, project=project, ended_at=None).exists():
        raise RoleHeldError
    for held in user.memberships.current():
        rule = apart(role, held.role)
        here = held.project_id == (project.pk if project else None)
        if rule and (here or Role.ADMINISTRATOR in {role, held.role}):
            raise RolesApartError(rule)


def _require_term(role: str, term: Term | None) -> None:
    now = timezone.now()
    if term and term.expires_at <= now:
        raise ExpiryPastError
    if role != Role.AUDITOR:
        return
    if term is None:
        raise AuditorTermError(AUDITOR_DAYS)
    if term.expires_at > now + timedelta(days=AUDITOR_DAYS) and not term.why:
        raise AuditorTermError(AUDITOR_DAYS)


def _keep_an_administrator(membership: Membership) -> None:
    if membership.role != Role.ADMINISTRATOR:
        return
    # locked first and in one order: two administrators who end each other wait, then see
    held = Membership.objects.select_for_update(of=("self",)).current().order_by("pk")
    # one who leaves by themselves some day is no successor
    administrators = [m.pk for m in held.filter(role=Role.ADMINISTRATOR, expires_at=None)]
    if administrators == [membership.pk]:
        raise LastAdministratorError


def _align_permissions(user: User, project: Project) -> None:
    """Make the object permissions of `user` in `project` what the roles held there carry."""
    roles = user.memberships.filter(project=project, ended_at=None).values_list(
        "role", flat=True
    )
    wanted = {codename for role in roles for codename in PROJECT_ROLES[role]}
    held = set(
        ProjectUserObjectPermission.objects.filter(
            user=user, content_object=project
        ).values_list("permission__codename", flat=True)
    )
    for codename in sorted(wanted - held):
        assign_perm(codename, user, project)
    for codename in sorted(held - wanted):
        remove_perm(codename, user, project)
