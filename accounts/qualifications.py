"""Record what people are qualified for, and let somebody else verify it."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import PersonInactiveError
from accounts.errors.training import (
    AlreadyVerifiedError,
    AlreadyWithdrawnError,
    OwnTrainingError,
    SameVerifierError,
    TrainingFactsError,
)
from accounts.events.qualifications import (
    QualificationRecorded,
    QualificationVerified,
    QualificationWithdrawn,
)
from accounts.models import Qualification, User
from accounts.permissions import require_organisation_permission

MOST_YEARS = 80


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A qualification as its papers say it."""

    specialty: str
    issuer: str
    licence: str
    years: int
    valid_from: date
    valid_to: date | None = None


@transaction.atomic
def record(user: User, *, claimed: Claimed, by: User) -> Qualification:
    """Put a qualification of `user` on record; it counts once another person verified it.

    Raises PermissionDenied, OwnTrainingError, PersonInactiveError, TrainingFactsError or
    ValidationError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_training")
    if by.pk == user.pk:
        raise OwnTrainingError

    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise PersonInactiveError
    if not 0 <= claimed.years <= MOST_YEARS:
        raise TrainingFactsError(f"Years of practice are from 0 to {MOST_YEARS}.")
    if claimed.valid_to is not None and claimed.valid_to < claimed.valid_from:
        raise TrainingFactsError("A qualification ends after it began.")

    qualification = Qualification(
        user=user,
        specialty=claimed.specialty.strip(),
        issuer=claimed.issuer.strip(),
        licence_hash=licence_hash(claimed.licence),
        years=claimed.years,
        valid_from=claimed.valid_from,
        valid_to=claimed.valid_to,
        recorded_by=by,
    )
    qualification.clean_fields()
    qualification.save(force_insert=True)

    ledger.append(_recorded(qualification), actor=by, subject=user)
    return qualification


@transaction.atomic
def verify(qualification: Qualification, *, by: User, method: str) -> None:
    """Say that `by` checked the qualification, and how; from now on it counts.

    Raises PermissionDenied, OwnTrainingError, SameVerifierError, ReasonMissingError,
    AlreadyWithdrawnError or AlreadyVerifiedError; then nothing is recorded.
    """
    require_organisation_permission(by, "verify_qualifications")

    qualification = _locked(qualification)
    if by.pk == qualification.user_id:
        raise OwnTrainingError
    if by.pk == qualification.recorded_by_id:
        raise SameVerifierError
    if not method.strip():
        raise ReasonMissingError
    if qualification.withdrawn_at is not None:
        raise AlreadyWithdrawnError
    if qualification.verified_at is not None:
        raise AlreadyVerifiedError

    qualification.verified_by, qualification.verified_at = by, timezone.now()
    qualification.method = method.strip()
    qualification.save(update_fields=["verified_by", "verified_at", "method"])

    ledger.append(
        QualificationVerified(
            qualification_id=str(qualification.pk),
            person_id=str(qualification.user_id),
        ),
        actor=by,
        subject=qualification.user,
        reason=qualification.method,
    )


@transaction.atomic
def withdraw(qualification: Qualification, *, by: User, reason: str) -> None:
    """Say that a qualification counts no longer.

    Raises PermissionDenied, OwnTrainingError, ReasonMissingError or AlreadyWithdrawnError;
    then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "verify_qualifications")

    qualification = _locked(qualification)
    if by.pk == qualification.user_id:
        raise OwnTrainingError
    if not reason.strip():
        raise ReasonMissingError
    if qualification.withdrawn_at is not None:
        raise AlreadyWithdrawnError

    qualification.withdrawn_at = timezone.now()
    qualification.save(update_fields=["withdrawn_at"])

    ledger.append(
        QualificationWithdrawn(
            qualification_id=str(qualification.pk), person_id=str(qualification.user_id)
        ),
        actor=by,
        subject=qualification.user,
        reason=reason.strip(),
    )


def licence_hash(licence: str) -> str:
    """Return the keyed hash of a licence number, however it is typed; empty without one."""
    plain = "".join(licence.split()).upper().encode()
    if not plain:
        return ""
    message = b"accounts/v1 licence\n" + plain
    return hmac.new(settings.LEDGER_NETWORK_KEY, message, hashlib.sha256).hexdigest()


def _locked(qualification: Qualification) -> Qualification:
    found = Qualification.objects.select_for_update(of=("self",)).select_related("user")
    return found.get(pk=qualification.pk)


def _recorded(qualification: Qualification) -> QualificationRecorded:
    ends = qualification.valid_to
    return QualificationRecorded(
        qualification_id=str(qualification.pk),
        person_id=str(qualification.user_id),
        specialty=qualification.specialty,
        issuer=qualification.issuer,
        licence_hash=qualification.licence_hash or None,
        years=qualification.years,
        valid_from=qualification.valid_from.isoformat(),
        valid_to=ends.isoformat() if ends else None,
    )
