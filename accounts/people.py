"""Give people accounts, let them choose passwords, close their access."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import ledger
from accounts import roles, sessions
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import IdentifierTakenError, OwnAccessError, PersonInactiveError
from accounts.errors.sign_in import PasswordRefusedError
from accounts.events.credentials import PasswordChanged, PasswordResetIssued
from accounts.events.people import UserCreated, UserDeactivated
from accounts.identifiers import normalised, skeleton
from accounts.models import Session, User
from accounts.permissions import require_organisation_permission
from accounts.roles import SETUP


@transaction.atomic
def create(
    *,
    email: str,
    printed_name: str,
    by: User | str,
    password: str | None,
    time_zone: str = "UTC",
    temporary: bool = True,
) -> User:
    """Give a person an account; with `temporary`, they choose their own password first.

    Without a password nobody signs in yet.  `by` is an administrator, or "system:setup"
    from the command line.  Raises PermissionDenied, ValidationError, IdentifierTakenError
    or PasswordRefusedError; then nothing has changed and nothing is recorded.
    """
    _require_giver(by)

    user = User(
        email=normalised(email),
        identifier=skeleton(email),
        printed_name=printed_name.strip(),
        time_zone=time_zone,
        temporary_password=temporary,
    )
    _set_password(user, password)
    user.clean_fields()

    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:  # the constraint decides, also between two who ask at once
        raise IdentifierTakenError from None

    ledger.append(_created(user), actor=by, subject=user)
    return user


@transaction.atomic
def change_password(user: User, *, old: str, new: str, keep: Session | None = None) -> None:
    """Replace the own password of `user`; every session but `keep` ends.

    Raises PasswordRefusedError; then nothing has changed and nothing is recorded.
    """
    user = User.objects.select_for_update().get(pk=user.pk)

    if not user.check_password(old):
        raise PasswordRefusedError(["The present password is not right."])
    if old == new:
        raise PasswordRefusedError(["The new password is the old one; choose another."])
    _set_password(user, new)

    user.temporary_password = False
    user.save(update_fields=["password", "temporary_password"])
    sessions.end_all(user, how=Session.End.PASSWORD_CHANGED, by=user, keep=keep)

    ledger.append(
        PasswordChanged(credential_kind="password", requested_by=user.ledger_ref),
        actor=user,
        subject=user,
    )


@transaction.atomic
def replace_password(user: User, *, by: User, password: str, reason: str) -> None:
    """Give `user`, who forgot it, a password that only lets them choose their own.

    `reason` says how `by` knows who asks.  Raises PermissionDenied, OwnAccessError,
    ReasonMissingError, PersonInactiveError or PasswordRefusedError; then nothing is recorded.
    """
    require_organisation_permission(by, "manage_people")
    if by.pk == user.pk:
        raise OwnAccessError

    user = User.objects.select_for_update().get(pk=user.pk)
    if not reason.strip():
        raise ReasonMissingError
    if not user.is_active:
        raise PersonInactiveError
    _set_password(user, password)

    user.temporary_password = True
    user.save(update_fields=["password", "temporary_password"])
    sessions.end_all(user, how=Session.End.PASSWORD_CHANGED, by=by)

    ledger.append(
        PasswordResetIssued(
            credential_kind="password",
            requested_by=user.ledger_ref,
            approved_by=by.ledger_ref,
        ),
        actor=by,
        subject=user,
        reason=reason.strip(),
    )


@transaction.atomic
def close_access(user: User, *, by: User, reason: str) -> None:
    """Close the access of `user` for good: roles and sessions end with it, at once.

    Raises PermissionDenied, OwnAccessError, ReasonMissingError, PersonInactiveError or
    LastAdministratorError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_people")
    if by.pk == user.pk:
        raise OwnAccessError

    user = User.objects.select_for_update().get(pk=user.pk)
    if not reason.strip():
        raise ReasonMissingError
    if not user.is_active:
        raise PersonInactiveError

    for membership in user.memberships.filter(ended_at=None).select_related("user"):
        roles.revoke(membership, by=by, reason=reason)
    sessions.end_all(user, how=Session.End.ACCESS_CLOSED, by=by)
    user.is_active = False
    user.save(update_fields=["is_active"])

    ledger.append(
        UserDeactivated(person_id=str(user.pk), authorised_by=by.ledger_ref),
        actor=by,
        subject=user,
        reason=reason.strip(),
    )


def _created(user: User) -> UserCreated:
    return UserCreated(
        person_id=str(user.pk),
        account=user.email,
        printed_name=user.printed_name,
        time_zone=user.time_zone,
    )


def _require_giver(by: User | str) -> None:
    if isinstance(by, User):
        require_organisation_permission(by, "manage_people")
    elif by != SETUP:
        raise ValueError(f"{by} gives no accounts; only {SETUP} does, at set-up.")


def _set_password(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise PasswordRefusedError(refused.messages) from None
    user.set_password(password)
