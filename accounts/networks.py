"""Network ranges of facilities: two administrators change them; sessions are matched."""

from __future__ import annotations

import hashlib
import hmac
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.facilities import (
    RangeFormError,
    RangeKnownError,
    RangeOverlapError,
    RangeStateError,
    RangeWideError,
    SecondAdministratorError,
)
from accounts.events.facilities import (
    FacilityRangeApproved,
    FacilityRangeDeclined,
    FacilityRangeRequested,
    SessionLocated,
)
from accounts.models import Facility, NetworkRange, Session, User
from accounts.permissions import require_organisation_permission

Network = IPv4Network | IPv6Network
State = NetworkRange.State
WIDEST = {4: 8, 6: 24}
ADD, REMOVE = "add", "remove"
LOCATOR = "system:networks"


def network_of(typed: str) -> Network:
    """Return the range that was typed.  Raises RangeFormError or RangeWideError."""
    text = typed.strip()
    if "%" in text:  # the zone of an address is this machine's business alone
        raise RangeFormError(text, None)
    try:
        network = ip_network(text)
    except ValueError:
        raise RangeFormError(text, _meant(text)) from None
    if "/" not in text:
        raise RangeFormError(text, str(network))
    if network.prefixlen < WIDEST[network.version]:
        raise RangeWideError(WIDEST[network.version])
    return network


def _meant(text: str) -> str | None:
    """Return the range that an address inside it stands for, if any."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None


def overlapping(network: Network, *, of: Facility) -> list[NetworkRange]:
    """Return the ranges, in force or asked for, that share addresses with `network`."""
    states = (State.ASKED, State.IN_FORCE, State.REMOVAL_ASKED)
    rows = NetworkRange.objects.filter(state__in=states).select_related("facility")
    shared = [row for row in rows.order_by("cidr", "pk") if _overlaps(network, row.network)]
    return [row for row in shared if row.facility_id != of.pk or row.network != network]


def said_of(overlaps: list[NetworkRange], network: Network) -> str:
    """Return what sharing addresses means, range by range; "" where none is shared."""
    return " ".join(_said(row, network) for row in overlaps)


def _said(row: NetworkRange, network: Network) -> str:
    where = f"Overlaps {row.facility}, {row.cidr}."
    if row.network.prefixlen > network.prefixlen:
        return f"{where} It is narrower: a session there still counts as {row.facility}."
    if row.network == network:
        return f"{where} It is the same: the one that was there first decides."
    return f"{where} A session there would count as here."


@transaction.atomic
def ask_to_add(
    facility: Facility, typed: str, *, purpose: str, by: User, reason: str, overlaps_seen: bool
) -> NetworkRange:
    """Ask that sessions from a range count as being at `facility`.

    Raises PermissionDenied, ValidationError, ReasonMissingError, RangeFormError,
    RangeWideError, RangeKnownError or, until they were seen, RangeOverlapError.
    """
    require_organisation_permission(by, "manage_facilities")

    network = network_of(typed)
    if not reason.strip():
        raise ReasonMissingError
    overlaps = overlapping(network, of=facility)
    if overlaps and not overlaps_seen:
        raise RangeOverlapError(said_of(overlaps, network))
    asked = NetworkRange(
        facility=facility,
        cidr=str(network),
        purpose=purpose.strip(),
        asked_by=by,
        asked_at=timezone.now(),
        reason=reason.strip(),
    )
    asked.clean_fields()

    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        raise RangeKnownError(asked.cidr) from None

    requested = _request(asked, ADD, tuple(row.ledger_ref for row in overlaps))
    ledger.append(requested, actor=by, subject=asked, reason=asked.reason)
    return asked


@transaction.atomic
def ask_to_remove(found: NetworkRange, *, by: User, reason: str) -> None:
    """Ask that a range count no longer; it does until somebody else approves.

    Raises PermissionDenied, ReasonMissingError or RangeStateError.
    """
    require_organisation_permission(by, "manage_facilities")

    found = _locked(found)
    if not reason.strip():
        raise ReasonMissingError
    if found.state != State.IN_FORCE:
        raise RangeStateError(found.get_state_display())

    found.state, found.asked_by, found.asked_at = State.REMOVAL_ASKED, by, timezone.now()
    found.reason, found.decided_by, found.decided_at = reason.strip(), None, None
    found.save()

    requested = _request(found, REMOVE, ())
    ledger.append(requested, actor=by, subject=found, reason=found.reason)


@transaction.atomic
def approve(found: NetworkRange, *, by: User) -> None:
    """Approve what another administrator asked for; it holds from now on.

    Raises PermissionDenied, RangeStateError or SecondAdministratorError.
    """
    require_organisation_permission(by, "manage_facilities")

    found = _undecided(found, by)
    change = _change(found)

    found.state = State.IN_FORCE if change == ADD else State.REMOVED
    _decide(found, by)

    approved = FacilityRangeApproved(
        facility_id=str(found.facility_id),
        range_id=str(found.pk),
        change=change,
        requested_by=found.asked_by.ledger_ref,
        approved_by=by.ledger_ref,
    )
    ledger.append(approved, actor=by, subject=found, reason=found.reason)


@transaction.atomic
def decline(found: NetworkRange, *, by: User, reason: str) -> None:
    """Decline what another administrator asked for; all stays as it was.

    Raises PermissionDenied, ReasonMissingError, RangeStateError or SecondAdministratorError.
    """
    require_organisation_permission(by, "manage_facilities")

    found = _undecided(found, by)
    if not reason.strip():
        raise ReasonMissingError
    change = _change(found)

    found.state = State.DECLINED if change == ADD else State.IN_FORCE
    _decide(found, by)

    declined = FacilityRangeDeclined(
        facility_id=str(found.facility_id),
        range_id=str(found.pk),
        change=change,
        requested_by=found.asked_by.ledger_ref,
        declined_by=by.ledger_ref,
    )
    ledger.append(declined, actor=by, subject=found, reason=reason.strip())


def range_of(address: str | None) -> NetworkRange | None:
    """Return the narrowest range in force that holds `address`; of equals the first asked."""
    if not address:
        return None
    asked = ip_address(address)
    if isinstance(asked, IPv6Address) and asked.ipv4_mapped:
        asked = asked.ipv4_mapped
    rows = NetworkRange.objects.in_force().order_by("asked_at", "pk")
    holding = [row for row in rows.select_related("facility") if asked in row.network]
    return max(holding, key=lambda row: row.network.prefixlen, default=None)


@transaction.atomic
def locate(session: Session, *, address: str | None) -> None:
    """Note at which facility `session` began; an address of no range is no place."""
    found = range_of(address)
    if found is None:
        return

    session.network_range = found
    session.save(update_fields=["network_range"])

    located = SessionLocated(
        session_id=str(session.pk),
        facility_id=str(found.facility_id),
        range_id=str(found.pk),
    )
    with ledger.origin(session=str(session.pk), address=address):
        ledger.append(located, actor=LOCATOR, subject=session)


def range_hash(cidr: str) -> str:
    """Return the keyed hash by which the record knows a range."""
    key = settings.LEDGER_NETWORK_KEY
    message = b"accounts/v1 range\n" + cidr.encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _overlaps(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def _request(asked: NetworkRange, change: str, overlaps: tuple[str, ...]) -> ledger.Event:
    return FacilityRangeRequested(
        facility_id=str(asked.facility_id),
        range_id=str(asked.pk),
        change=change,
        range_hash=range_hash(asked.cidr),
        overlaps=overlaps,
    )


def _locked(found: NetworkRange) -> NetworkRange:
    return NetworkRange.objects.select_for_update(of=("self",)).get(pk=found.pk)


def _undecided(found: NetworkRange, by: User) -> NetworkRange:
    found = _locked(found)
    if found.state not in {State.ASKED, State.REMOVAL_ASKED}:
        raise RangeStateError(found.get_state_display())
    if found.asked_by_id == by.pk:
        raise SecondAdministratorError
    return found


def _change(found: NetworkRange) -> str:
    return ADD if found.state == State.ASKED else REMOVE


def _decide(found: NetworkRange, by: User) -> None:
    found.decided_by, found.decided_at = by, timezone.now()
    found.save(update_fields=["state", "decided_by", "decided_at"])
