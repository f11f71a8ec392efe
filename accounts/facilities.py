"""Put places of work on record: who answers for them, what is attested, who came in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.facilities import (
    AttestationPeriodError,
    DeputyError,
    EvidenceMissingError,
    FacilityKnownError,
    FacilityUnchangedError,
    LogTimesError,
)
from accounts.errors.people import PersonInactiveError
from accounts.events.facilities import (
    FacilityAccessRecorded,
    FacilityAttested,
    FacilityDescribed,
    FacilityMaintenanceRecorded,
    FacilityRegistered,
)
from accounts.models import Facility, FacilityAttestation, FacilityLog, User
from accounts.permissions import has_organisation_permission, require_organisation_permission

if TYPE_CHECKING:
    from django.db.models import QuerySet

LONGEST = timedelta(days=731)
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
LOGGED = {
    FacilityLog.Kind.VISIT: FacilityAccessRecorded,
    FacilityLog.Kind.MAINTENANCE: FacilityMaintenanceRecorded,
}
DESCRIBED = ("location", "access_control", "mobile_devices", "responsible", "deputy")


@dataclass(frozen=True, kw_only=True)
class Description:
    """How one gets into a place, what may be brought in, and who answers for it."""

    location: str
    access_control: str
    mobile_devices: str
    responsible: User
    deputy: User | None = None


def visible_to(user: User) -> QuerySet[Facility]:
    """Return the places that `user` may know of: all by office, or those they answer for."""
    if has_organisation_permission(user, "view_facilities"):
        return Facility.objects.all()
    return Facility.objects.filter(Q(responsible=user) | Q(deputy=user))


def answers_for(user: User, facility: Facility) -> bool:
    """Tell whether `user` vouches for `facility` and keeps its log."""
    if user.is_active and user.pk in {facility.responsible_id, facility.deputy_id}:
        return True
    return has_organisation_permission(user, "manage_facilities")


@transaction.atomic
def register(title: str, description: Description, *, by: User) -> Facility:
    """Put a place of work on record.

    Raises PermissionDenied, ValidationError, PersonInactiveError, DeputyError or
    FacilityKnownError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_facilities")

    facility = Facility(title=title.strip(), registered_at=timezone.now())
    _describe(facility, description)

    try:
        with transaction.atomic():
            facility.save(force_insert=True)
    except IntegrityError:  # the constraint decides, also between two who ask at once
        raise FacilityKnownError(facility.title) from None

    registered = FacilityRegistered(
        facility_id=str(facility.pk), title=facility.title, **_facts(facility)
    )
    ledger.append(registered, actor=by, subject=facility)
    return facility


@transaction.atomic
def describe(facility: Facility, description: Description, *, by: User, reason: str) -> None:
    """Change how one gets into `facility`, what is brought in or who answers for it.

    Raises PermissionDenied, ValidationError, ReasonMissingError, PersonInactiveError,
    DeputyError or FacilityUnchangedError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_facilities")

    facility = Facility.objects.select_for_update(of=("self",)).get(pk=facility.pk)
    before = _facts(facility)
    _describe(facility, description)
    if not reason.strip():
        raise ReasonMissingError
    if _facts(facility) == before:
        raise FacilityUnchangedError

    facility.save(update_fields=DESCRIBED)

    described = FacilityDescribed(facility_id=str(facility.pk), **_facts(facility))
    ledger.append(described, actor=by, subject=facility, reason=reason.strip())


@transaction.atomic
def attest(
    facility: Facility, statement: str, *, evidence_hash: str, expires: date, by: User
) -> FacilityAttestation:
    """Let `by` vouch for `statement` about `facility` until the day `expires`.

    Raises PermissionDenied, ValidationError, EvidenceMissingError or AttestationPeriodError.
    """
    _require_answering(by, facility)

    now = timezone.now()
    if not SHA256.match(evidence_hash):
        raise EvidenceMissingError
    if not now.date() < expires <= now.date() + LONGEST:
        raise AttestationPeriodError
    attestation = FacilityAttestation(
        facility=facility,
        statement=str(statement),
        evidence_hash=evidence_hash,
        attested_by=by,
        attested_at=now,
        expires=expires,
    )
    attestation.clean_fields()

    attestation.save(force_insert=True)

    attested = FacilityAttested(
        facility_id=str(facility.pk),
        attestation_id=str(attestation.pk),
        statement=attestation.statement,
        clause=attestation.clause,
        evidence_hash=evidence_hash,
        expires=expires.isoformat(),
    )
    ledger.append(attested, actor=by, subject=facility)
    return attestation


@transaction.atomic
def log(  # noqa: PLR0913  what the log of a house asks
    facility: Facility,
    kind: str,
    *,
    comment: str,
    accompanied_by: User,
    began_at: datetime,
    ended_at: datetime,
    by: User,
) -> FacilityLog:
    """Record a visit to `facility`, or work on it: who and what for, from when to when.

    Raises PermissionDenied, ValidationError, PersonInactiveError or LogTimesError.
    """
    _require_answering(by, facility)

    if not began_at <= ended_at <= timezone.now():
        raise LogTimesError
    if not accompanied_by.is_active:
        raise PersonInactiveError
    line = FacilityLog(
        facility=facility,
        kind=kind,
        comment=comment.strip(),
        accompanied_by=accompanied_by,
        began_at=began_at.replace(microsecond=0),
        ended_at=ended_at.replace(microsecond=0),
    )
    line.clean_fields()

    line.save(force_insert=True)

    ledger.append(_logged(line), actor=by, subject=facility)
    return line


def _describe(facility: Facility, description: Description) -> None:
    """Write `description` on `facility`, if it can be."""
    facility.location = description.location.strip()
    facility.access_control = description.access_control.strip()
    facility.mobile_devices = str(description.mobile_devices)
    facility.responsible, facility.deputy = description.responsible, description.deputy
    facility.clean_fields()
    for person in (description.responsible, description.deputy):
        if person is not None and not person.is_active:
            raise PersonInactiveError
    if description.responsible == description.deputy:
        raise DeputyError


def _logged(line: FacilityLog) -> ledger.Event:
    return LOGGED[FacilityLog.Kind(line.kind)](
        facility_id=str(line.facility_id),
        log_id=str(line.pk),
        accompanied_by=line.accompanied_by.ledger_ref,
        began_at=line.began_at.strftime(TIME_FORMAT),
        ended_at=line.ended_at.strftime(TIME_FORMAT),
        comment=line.comment,
    )


def _facts(facility: Facility) -> dict[str, str]:
    deputy = facility.deputy
    return {
        "location": facility.location,
        "access_control": facility.access_control,
        "mobile_devices": facility.mobile_devices,
        "responsible": facility.responsible.ledger_ref,
        "deputy": deputy.ledger_ref if deputy else None,  # type: ignore[dict-item]  # as the events say
    }


def _require_answering(by: User, facility: Facility) -> None:
    if not answers_for(by, facility):
        raise PermissionDenied("Whoever answers for the facility does this.")
