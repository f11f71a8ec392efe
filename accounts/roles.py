"""Grant and end roles."""

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
from accounts.events.people import UserRoleGranted, UserRoleRevoked
from accounts.models import Membership, Project, ProjectUserObjectPermission, Role, User
from accounts.models.role import PROJECT_ROLES
from accounts.permissions import require_organisation_permission

SETUP = "system:setup"  # makes the first administrator, from the command line only


@transaction.atomic
def grant(
    user: User, *, role: str, project: Project | None = None, by: User | str, reason: str
) -> Membership:
    """Give `user` the role, in `project` or for the organisation, on the word of `by`.

    `by` is an administrator, or "system:setup" from the command line.  Raises
    PermissionDenied, OwnAccessError, ReasonMissingError, RoleScopeError, PersonInactiveError
    or RoleHeldError; then nothing has changed and nothing is recorded.
    """
    authorised_by = _authority(user, by=by)

    user = User.objects.select_for_update().get(pk=user.pk)
    role = str(role)  # a member of Role is one too, and the record holds plain text
    _require_grantable(user, role, project, reason)

    membership = Membership.objects.create(
        user=user, role=role, project=project, granted_by=authorised_by, reason=reason.strip()
    )
    if project is not None:
        _align_permissions(user, project)

    ledger.append(
        UserRoleGranted(
            membership_id=str(membership.pk),
            person_id=str(user.pk),
            role=role,
            scope=membership.scope,
            authorised_by=authorised_by,
            justification=membership.reason,
        ),
        actor=by,
        subject=user,
        reason=membership.reason,
    )
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
    if user.memberships.filter(role=role, project=project, ended_at=None).exists():
        raise RoleHeldError


def _keep_an_administrator(membership: Membership) -> None:
    if membership.role != Role.ADMINISTRATOR:
        return
    # locked first and in one order: two administrators who end each other wait, then see
    held = Membership.objects.select_for_update(of=("self",)).current().order_by("pk")
    administrators = [m.pk for m in held.filter(role=Role.ADMINISTRATOR)]
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
