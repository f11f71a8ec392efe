"""Link people to their organisation's accounts, and end such links."""

import hashlib
import hmac

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.identities import IdentityTakenError, IssuerUnknownError, LinkEndedError
from accounts.errors.people import OwnAccessError, PersonInactiveError
from accounts.events.identities import IdentityLinked, IdentityUnlinked
from accounts.models import IdentityLink, User
from accounts.permissions import require_organisation_permission


@transaction.atomic
def link(user: User, *, issuer: str, subject: str, by: User, reason: str) -> IdentityLink:
    """Let whoever `issuer` names `subject` sign in as `user`, on the word of `by`.

    Raises PermissionDenied, OwnAccessError, ReasonMissingError, IssuerUnknownError,
    PersonInactiveError or IdentityTakenError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_people")
    if by.pk == user.pk:
        raise OwnAccessError

    user = User.objects.select_for_update().get(pk=user.pk)
    if not reason.strip() or not subject.strip():
        raise ReasonMissingError
    if issuer not in {known["issuer"] for known in settings.ORGANISATIONS}:
        raise IssuerUnknownError
    if not user.is_active:
        raise PersonInactiveError

    made = IdentityLink(
        user=user,
        issuer=issuer,
        subject_hash=subject_hash(issuer, subject.strip()),
        reason=reason.strip(),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # the constraints decide, also between two who ask at once
        raise IdentityTakenError from None

    linked = IdentityLinked(
        link_id=str(made.pk),
        person_id=str(user.pk),
        issuer=issuer,
        subject_hash=made.subject_hash,
    )
    ledger.append(linked, actor=by, subject=made, reason=made.reason)
    return made


@transaction.atomic
def unlink(found: IdentityLink, *, by: User, reason: str) -> None:
    """End the link: nobody signs in by it from now on; running sessions go on.

    Raises PermissionDenied, OwnAccessError, ReasonMissingError or LinkEndedError; then
    nothing is recorded.
    """
    require_organisation_permission(by, "manage_people")
    if by.pk == found.user_id:
        raise OwnAccessError

    found = IdentityLink.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if not reason.strip():
        raise ReasonMissingError
    if found.ended_at is not None:
        raise LinkEndedError

    found.ended_at = timezone.now()
    found.end_reason = reason.strip()
    found.save(update_fields=["ended_at", "end_reason"])

    ledger.append(
        IdentityUnlinked(link_id=str(found.pk), person_id=str(found.user_id)),
        actor=by,
        subject=found,
        reason=found.end_reason,
    )


def person_of(issuer: str, subject: str) -> User | None:
    """Return the person whom an administrator linked to this subject; None if nobody did."""
    links = IdentityLink.objects.in_force().select_related("user")
    found = links.filter(issuer=issuer, subject_hash=subject_hash(issuer, subject)).first()
    return found.user if found else None


def subject_hash(issuer: str, subject: str) -> str:
    """Return the keyed hash by which a subject is known: it may be a personnel number."""
    message = f"accounts/v1 subject\n{issuer}\n{subject}".encode("utf-8", "surrogatepass")
    return hmac.new(settings.LEDGER_NETWORK_KEY, message, hashlib.sha256).hexdigest()
