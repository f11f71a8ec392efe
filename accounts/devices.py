"""Put machines on the inventory and follow their custody."""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import IntegrityError, transaction

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.custody import DeviceStateError, HandOverError
from accounts.errors.devices import DeviceChangedError, DeviceKnownError, DeviceUnmovedError
from accounts.errors.people import PersonInactiveError
from accounts.events.devices import DeviceBrowserBound, DeviceMoved, DeviceRegistered
from accounts.models import Device, DeviceMovement, User
from accounts.permissions import require_organisation_permission

MOVABLE = frozenset({Device.State.STORED, Device.State.IN_USE, Device.State.SANITISED})


@transaction.atomic
def register(
    *, asset_tag: str, kind: str, serial: str, place: str, holder: User | None, by: User
) -> Device:
    """Put a machine on the inventory; its serial is kept only as a keyed hash.

    Raises PermissionDenied, ValidationError, PersonInactiveError or DeviceKnownError;
    then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = Device(
        asset_tag=asset_tag.strip().upper(),
        kind=str(kind),
        serial_hash=serial_hash(serial),
        place=place.strip(),
        holder=holder,
        state=Device.State.IN_USE if holder else Device.State.STORED,
    )
    device.clean_fields()
    _require_active(holder)

    try:
        with transaction.atomic():
            device.save(force_insert=True)
    except IntegrityError:  # the constraints decide, also between two who ask at once
        raise DeviceKnownError(device.asset_tag) from None
    first = step(device, from_place="", by=by, reason="Received")

    registered = DeviceRegistered(
        device_id=str(device.pk),
        movement_id=str(first.pk),
        asset_tag=device.asset_tag,
        kind=device.kind,
        serial_hash=device.serial_hash,
        place=device.place,
        holder=holder.ledger_ref if holder else None,
    )
    ledger.append(registered, actor=by, subject=device)
    return device


@transaction.atomic
def move(
    device: Device,
    *,
    from_place: str,
    to_place: str,
    holder: User | None,
    by: User,
    reason: str,
) -> DeviceMovement:
    """Record that `device` went from `from_place`, as `by` saw it, in the same care.

    Raises PermissionDenied, ReasonMissingError, DeviceStateError, DeviceChangedError,
    DeviceUnmovedError or, for another holder, HandOverError; then nothing is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
    if not reason.strip():
        raise ReasonMissingError
    _require_movable(device, from_place, to_place.strip(), holder)
    device.place = to_place.strip()
    device.clean_fields()

    device.save(update_fields=["place"])
    moved_to = step(device, from_place=from_place, by=by, reason=reason.strip())

    moved = DeviceMoved(
        device_id=str(device.pk),
        movement_id=str(moved_to.pk),
        from_place=from_place,
        to_place=moved_to.to_place,
        holder=holder.ledger_ref if holder else None,
    )
    ledger.append(moved, actor=by, subject=device, reason=moved_to.reason)
    return moved_to


@transaction.atomic
def bind_browser(device: Device, *, by: User) -> str:
    """Return a new key for the browser on `device`, where `by` sits; the old one is void.

    Raises PermissionDenied or DeviceStateError; then nothing has changed or is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = Device.objects.select_for_update(of=("self",)).get(pk=device.pk)
    if not device.is_held:
        raise DeviceStateError(device.asset_tag, device.get_state_display())

    key = secrets.token_urlsafe(32)
    device.browser_key = _digest(key)
    device.save(update_fields=["browser_key"])

    ledger.append(
        DeviceBrowserBound(device_id=str(device.pk), browser_key=device.browser_key),
        actor=by,
        subject=device,
    )
    return key


def recognise(key: str | None) -> Device | None:
    """Return the machine whose browser holds `key`: a second sign, never a proof."""
    if not key:
        return None
    # where a key that cannot be copied is registered, a cookie, which can be, says nothing
    return Device.objects.filter(browser_key=_digest(key), browser_point="").first()


def serial_hash(serial: str) -> str:
    """Return the keyed hash of a serial number, however it is typed."""
    plain = "".join(serial.split()).upper().encode()
    key = settings.LEDGER_NETWORK_KEY
    return hmac.new(key, b"accounts/v1 serial\n" + plain, hashlib.sha256).hexdigest()


def _require_movable(device: Device, seen: str, to_place: str, holder: User | None) -> None:
    if device.state not in MOVABLE:
        raise DeviceStateError(device.asset_tag, device.get_state_display())
    if device.place != seen:
        raise DeviceChangedError(device.place)
    if (device.place, device.holder) == (to_place, holder):
        raise DeviceUnmovedError
    if device.holder != holder:
        raise HandOverError


def step(device: Device, *, from_place: str, by: User, reason: str) -> DeviceMovement:
    """Note that `device` is now where it is, in the care it is in."""
    return DeviceMovement.objects.create(
        device=device,
        from_place=from_place,
        to_place=device.place,
        holder=device.holder,
        reason=reason,
        moved_by=by,
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _require_active(holder: User | None) -> None:
    if holder is not None and not holder.is_active:
        raise PersonInactiveError
