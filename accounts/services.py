"""Programs: give them accounts of their own, tokens, other owners, and close them."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import PersonInactiveError
from accounts.errors.services import (
    SameOwnerError,
    ServiceClosedError,
    ServiceNameTakenError,
    TokenLifetimeError,
    TokenRevokedError,
    TokenScopeError,
)
from accounts.events.services import (
    ServiceClosed,
    ServiceHandedOver,
    ServiceOpened,
    TokenIssued,
    TokenRevoked,
)
from accounts.identifiers import skeleton
from accounts.models import SCOPES, Project, ServiceAccount, Token, User
from accounts.permissions import require_organisation_permission

PREFIX = "ledger_"  # so that whoever finds one in a file knows what it is
SECRET_BYTES = 32
LONGEST_DAYS = 365
USE_STEP = timedelta(minutes=1)  # `last_used_at` is written no more often
PERMISSION = "manage_services"


@transaction.atomic
def open_account(
    *, name: str, purpose: str, owner: User, project: Project, by: User
) -> ServiceAccount:
    """Give a program an account in `project`, for `purpose`; `owner` answers for it.

    Raises PermissionDenied, ReasonMissingError, ValidationError, PersonInactiveError or
    ServiceNameTakenError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, PERMISSION)

    if not purpose.strip():
        raise ReasonMissingError
    owner = _present(owner)
    service = ServiceAccount(
        name=name.strip(),
        identifier=skeleton(name),
        purpose=purpose.strip(),
        owner=owner,
        project=project,
    )
    service.clean_fields()

    try:
        with transaction.atomic():
            service.save(force_insert=True)
    except IntegrityError:  # the constraint decides, also between two who ask at once
        raise ServiceNameTakenError from None

    opened = ServiceOpened(
        service_id=str(service.pk),
        title=service.name,
        project=project.ledger_ref,
        owner=owner.ledger_ref,
    )
    ledger.append(opened, actor=by, subject=service, reason=service.purpose)
    return service


@transaction.atomic
def hand_over(service: ServiceAccount, *, owner: User, by: User, reason: str) -> None:
    """Make `owner` answerable for `service` from now on.

    Raises PermissionDenied, ReasonMissingError, ServiceClosedError, PersonInactiveError or
    SameOwnerError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, PERMISSION)

    service = _locked(service)
    if not reason.strip():
        raise ReasonMissingError
    owner = _present(owner)
    if service.owner_id == owner.pk:
        raise SameOwnerError
    before = service.owner.ledger_ref

    service.owner = owner
    service.save(update_fields=["owner"])

    ledger.append(
        ServiceHandedOver(
            service_id=str(service.pk), owner_before=before, owner=owner.ledger_ref
        ),
        actor=by,
        subject=service,
        reason=reason.strip(),
    )


@transaction.atomic
def close(service: ServiceAccount, *, by: User, reason: str) -> None:
    """Close `service` for good: each of its tokens ends with it, at once.

    Raises PermissionDenied, ReasonMissingError or ServiceClosedError; then nothing is recorded.
    """
    require_organisation_permission(by, PERMISSION)

    service = _locked(service)
    if not reason.strip():
        raise ReasonMissingError

    for token in service.tokens.filter(revoked_at=None).order_by("pk"):
        revoke(token, by=by, reason=reason)
    service.closed_at = timezone.now()
    service.save(update_fields=["closed_at"])

    ledger.append(
        ServiceClosed(service_id=str(service.pk)),
        actor=by,
        subject=service,
        reason=reason.strip(),
    )


@transaction.atomic
def issue(
    service: ServiceAccount, *, scopes: list[str], days: int, by: User
) -> tuple[Token, str]:
    """Give `service` a token for `days` days; return it with its secret, shown this once.

    Raises PermissionDenied, ServiceClosedError, PersonInactiveError, TokenScopeError or
    TokenLifetimeError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, PERMISSION)

    service = _locked(service)
    if not service.owner.is_active:
        raise PersonInactiveError
    if not scopes or not set(scopes) <= set(SCOPES):
        raise TokenScopeError
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenLifetimeError(LONGEST_DAYS)

    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    now = timezone.now()
    token = Token.objects.create(
        service=service,
        secret_hash=digest(secret),
        scopes=sorted(set(scopes)),
        issued_at=now,
        expires_at=now + timedelta(days=days),
    )

    ledger.append(_issued(token), actor=by, subject=token)
    return token, secret


@transaction.atomic
def revoke(token: Token, *, by: User, reason: str) -> None:
    """End `token`; it opens nothing from the next call on.

    Raises PermissionDenied, ReasonMissingError or TokenRevokedError; then nothing is recorded.
    """
    require_organisation_permission(by, PERMISSION)

    token = (
        Token.objects.select_for_update(of=("self",)).select_related("service").get(pk=token.pk)
    )
    if not reason.strip():
        raise ReasonMissingError
    if token.revoked_at is not None:
        raise TokenRevokedError

    token.revoked_at = timezone.now()
    token.revoke_reason = reason.strip()
    token.save(update_fields=["revoked_at", "revoke_reason"])

    ledger.append(
        TokenRevoked(token_id=str(token.pk), service=token.service.ledger_ref),
        actor=by,
        subject=token,
        reason=token.revoke_reason,
    )


def find(secret: str, now: datetime) -> Token | None:
    """Return the token that opens something at `now` and has this secret; None otherwise.

    What is looked up is the digest of 256 random bits: its timing tells nothing of another.
    """
    if not secret.startswith(PREFIX):
        return None
    found = Token.objects.usable(now).select_related("service__project", "service__owner")
    return found.filter(secret_hash=digest(secret)).first()


def used(token: Token, now: datetime) -> None:
    """Note that `token` was used, at most once a minute."""
    if token.last_used_at is not None and now - token.last_used_at < USE_STEP:
        return
    Token.objects.filter(pk=token.pk).update(last_used_at=now)


def digest(secret: str) -> str:
    """Return what is kept of a secret: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def moment(at: datetime) -> str:
    """Return a time as payloads write it: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _issued(token: Token) -> TokenIssued:
    return TokenIssued(
        token_id=str(token.pk),
        service=token.service.ledger_ref,
        project=token.service.project.ledger_ref,
        scopes=tuple(token.scopes),
        issued_at=moment(token.issued_at),
        expires_at=moment(token.expires_at),
        secret_hash=token.secret_hash,
    )


def _present(owner: User) -> User:
    """Return `owner`, locked; raise PersonInactiveError if their access is closed."""
    owner = User.objects.select_for_update().get(pk=owner.pk)
    if not owner.is_active:
        raise PersonInactiveError
    return owner


def _locked(service: ServiceAccount) -> ServiceAccount:
    """Return `service`, locked and open; raise ServiceClosedError if it is closed."""
    found = ServiceAccount.objects.select_for_update(of=("self",))
    service = found.select_related("owner", "project").get(pk=service.pk)
    if service.closed_at is not None:
        raise ServiceClosedError
    return service
