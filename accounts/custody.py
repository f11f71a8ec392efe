"""Who holds a machine, and where: handed over and received, returned, lost and found."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

import ledger
from accounts import devices, sessions
from accounts.errors.base import ReasonMissingError
from accounts.errors.custody import (
    DeviceStateError,
    NotTheHolderError,
    NotTheReceiverError,
    SameHolderError,
    TransferClosedError,
)
from accounts.errors.people import PersonInactiveError
from accounts.events.custody import (
    DeviceAssigned,
    DeviceConfirmed,
    DeviceFound,
    DeviceHandedOver,
    DeviceHandOverWithdrawn,
    DeviceLostReported,
    DeviceReceived,
    DeviceReturned,
)
from accounts.models import Device, DeviceMovement, DeviceTransfer, Facility, Session, User
from accounts.permissions import has_organisation_permission, require_organisation_permission

State = Device.State
AT_HAND = frozenset({State.STORED, State.IN_USE, State.SANITISED})
HELD = AT_HAND | {State.IN_TRANSIT}


@transaction.atomic
def hand_over(  # noqa: PLR0913  what the record asks about a hand-over
    device: Device,
    *,
    to: User,
    to_place: str,
    facility: Facility | None = None,
    media_erased: bool,
    by: User,
    reason: str,
) -> DeviceTransfer:
    """Send `device` to another person and place; until they confirm, its holder answers.

    Raises PermissionDenied, ValidationError, ReasonMissingError, PersonInactiveError,
    SameHolderError or DeviceStateError; then nothing has changed and nothing is recorded.
    """
    _require_keeping(by, device)

    device = _locked(device, AT_HAND)
    giver = device.holder or by
    _require_reason(reason)
    _require_other(to, giver)
    transfer = DeviceTransfer(
        device=device,
        giver=giver,
        receiver=to,
        to_place=to_place.strip(),
        facility=facility,
        media_erased=media_erased,
        reason=reason.strip(),
        given_at=timezone.now(),
    )
    transfer.clean_fields()

    transfer.save(force_insert=True)
    device.state = State.IN_TRANSIT
    device.save(update_fields=["state"])

    ledger.append(_handed_over(transfer), actor=by, subject=device, reason=transfer.reason)
    return transfer


@transaction.atomic
def receive(transfer: DeviceTransfer, *, by: User) -> DeviceMovement:
    """Let `by`, to whom it was sent, confirm that a device came and answer for it.

    Raises NotTheReceiverError, TransferClosedError or DeviceStateError.
    """
    if transfer.receiver_id != by.pk:
        raise NotTheReceiverError(transfer.receiver.printed_name)

    device, transfer = _open(transfer)
    before, from_place = device.holder, device.place

    device.holder, device.place, device.facility = by, transfer.to_place, transfer.facility
    device.state, device.confirmed_on = State.IN_USE, timezone.now().date()
    device.save()
    _close(transfer, DeviceTransfer.State.RECEIVED)
    step = devices.step(device, from_place=from_place, by=by, reason=transfer.reason)

    received = DeviceReceived(
        device_id=str(device.pk),
        transfer_id=str(transfer.pk),
        movement_id=str(step.pk),
        from_place=from_place,
        to_place=device.place,
        facility=transfer.facility.ledger_ref if transfer.facility else None,
        giver=transfer.giver.ledger_ref,
        receiver=by.ledger_ref,
    )
    assigned = DeviceAssigned(
        device_id=str(device.pk),
        holder=by.ledger_ref,
        previous_holder=before.ledger_ref if before else None,
        place=device.place,
    )
    ledger.append_many([(received, device), (assigned, device)], actor=by)
    return step


@transaction.atomic
def withdraw(transfer: DeviceTransfer, *, by: User, reason: str) -> None:
    """Record that a device did not go after all; it is where it was, in the same care.

    Raises PermissionDenied, ReasonMissingError, TransferClosedError or DeviceStateError.
    """
    _require_keeping(by, Device.objects.get(pk=transfer.device_id))

    _require_reason(reason)
    device, transfer = _open(transfer)

    _close(transfer, DeviceTransfer.State.WITHDRAWN)
    device.state = State.IN_USE if device.holder else State.STORED
    device.save(update_fields=["state"])

    withdrawn = DeviceHandOverWithdrawn(device_id=str(device.pk), transfer_id=str(transfer.pk))
    ledger.append(withdrawn, actor=by, subject=device, reason=reason.strip())


@transaction.atomic
def take_back(device: Device, *, to_place: str, by: User, reason: str) -> DeviceMovement:
    """Take `device` back from its holder into the care of `by`, an administrator.

    Raises PermissionDenied, ValidationError, ReasonMissingError, SameHolderError or
    DeviceStateError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = _locked(device, {State.IN_USE})
    _require_reason(reason)
    before, from_place = device.holder, device.place
    if before is None or before == by:
        raise SameHolderError
    device.holder, device.place, device.state = by, to_place.strip(), State.STORED
    device.clean_fields()

    device.save(update_fields=["holder", "place", "state"])
    step = devices.step(device, from_place=from_place, by=by, reason=reason.strip())

    returned = DeviceReturned(
        device_id=str(device.pk),
        movement_id=str(step.pk),
        from_place=from_place,
        to_place=device.place,
        previous_holder=before.ledger_ref,
        holder=by.ledger_ref,
    )
    ledger.append(returned, actor=by, subject=device, reason=step.reason)
    return step


@transaction.atomic
def confirm(device: Device, *, by: User) -> None:
    """Let the holder confirm to have `device` at its place.

    Raises NotTheHolderError or DeviceStateError; then nothing is recorded.
    """
    device = _locked(device, HELD)
    if device.holder_id != by.pk:
        raise NotTheHolderError

    device.confirmed_on = timezone.now().date()
    device.save(update_fields=["confirmed_on"])

    confirmed = DeviceConfirmed(
        device_id=str(device.pk),
        holder=by.ledger_ref,
        place=device.place,
        confirmed_on=device.confirmed_on.isoformat(),
    )
    ledger.append(confirmed, actor=by, subject=device)


@transaction.atomic
def report_lost(device: Device, *, by: User, reason: str) -> list[Session]:
    """Void the keys of `device`, end its sessions at once and call it lost.

    Raises PermissionDenied, ReasonMissingError or DeviceStateError.
    """
    _require_keeping(by, device)

    _require_reason(reason)
    device = _locked(device, HELD)

    running = list(Session.objects.running().filter(device=device))
    for session in running:
        sessions.end(session, how=Session.End.DEVICE_LOST, by=by)
    for transfer in device.transfers.filter(state=DeviceTransfer.State.OPEN):
        _close(transfer, DeviceTransfer.State.LOST)
    device.state, device.browser_key, device.browser_point = State.LOST, "", ""
    device.save(update_fields=["state", "browser_key", "browser_point"])

    lost = DeviceLostReported(
        device_id=str(device.pk),
        last_place=device.place,
        holder=device.holder.ledger_ref if device.holder else None,
        sessions=tuple(str(session.pk) for session in running),
    )
    ledger.append(lost, actor=by, subject=device, reason=reason.strip())
    return running


@transaction.atomic
def found(device: Device, *, place: str, by: User, reason: str) -> DeviceMovement:
    """Take a lost `device` into the care of `by`, an administrator; its keys stay void.

    Raises PermissionDenied, ValidationError, ReasonMissingError or DeviceStateError.
    """
    require_organisation_permission(by, "manage_devices")

    _require_reason(reason)
    device = _locked(device, {State.LOST})
    from_place = device.place
    device.holder, device.place, device.state = by, place.strip(), State.STORED
    device.clean_fields()

    device.save(update_fields=["holder", "place", "state"])
    step = devices.step(device, from_place=from_place, by=by, reason=reason.strip())

    again = DeviceFound(
        device_id=str(device.pk),
        movement_id=str(step.pk),
        from_place=from_place,
        place=device.place,
        holder=by.ledger_ref,
    )
    ledger.append(again, actor=by, subject=device, reason=step.reason)
    return step


def _require_other(to: User, giver: User) -> None:
    if not to.is_active:
        raise PersonInactiveError
    if to == giver:
        raise SameHolderError


def _handed_over(transfer: DeviceTransfer) -> ledger.Event:
    return DeviceHandedOver(
        device_id=str(transfer.device_id),
        transfer_id=str(transfer.pk),
        from_place=transfer.device.place,
        to_place=transfer.to_place,
        facility=transfer.facility.ledger_ref if transfer.facility else None,
        giver=transfer.giver.ledger_ref,
        receiver=transfer.receiver.ledger_ref,
        media_erased=transfer.media_erased,
    )


def _require_keeping(by: User, device: Device) -> None:
    """Raise PermissionDenied unless `by` holds `device` or keeps the inventory."""
    holds = device.holder_id == by.pk and by.is_active
    if not holds and not has_organisation_permission(by, "manage_devices"):
        raise PermissionDenied("Whoever holds the device, or keeps the inventory, does this.")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissingError


def _locked(device: Device, states: frozenset[str] | set[State]) -> Device:
    rows = Device.objects.select_for_update(of=("self",)).select_related("holder")
    device = rows.get(pk=device.pk)
    if device.state not in states:
        raise DeviceStateError(device.asset_tag, device.get_state_display())
    return device


def _open(transfer: DeviceTransfer) -> tuple[Device, DeviceTransfer]:
    """Return device and transfer, locked in this order, while it is under way."""
    device = Device.objects.select_for_update(of=("self",)).get(pk=transfer.device_id)
    people = ("giver", "receiver", "facility")
    transfer = DeviceTransfer.objects.select_related(*people).get(pk=transfer.pk)
    if transfer.state != DeviceTransfer.State.OPEN:
        raise TransferClosedError(transfer.get_state_display())
    return device, transfer


def _close(transfer: DeviceTransfer, state: DeviceTransfer.State) -> None:
    transfer.state = state
    transfer.save(update_fields=["state"])
