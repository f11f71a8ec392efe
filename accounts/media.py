"""What a machine is and holds: its description and posture, its sanitising, its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import devices
from accounts.errors.base import ReasonMissingError
from accounts.errors.custody import (
    DeviceStateError,
    FutureDateError,
    NotSanitisedError,
    SecondSanitiserError,
)
from accounts.events.custody import (
    DeviceDescribed,
    DeviceDisposed,
    DevicePostureRecorded,
    DeviceSanitised,
)
from accounts.models import Device, DevicePosture, DeviceSanitisation, Facility, User
from accounts.permissions import require_organisation_permission

State = Device.State
DESCRIBED = ("owner", "facility", "display_class", "calibrated_on", "calibration_due")


@dataclass(frozen=True, kw_only=True)
class DeviceDescription:
    """Whose a machine is, where it stands and, for a display, when it was calibrated."""

    owner: str
    facility: Facility | None = None
    display_class: str = ""
    calibrated_on: date | None = None
    calibration_due: date | None = None


@dataclass(frozen=True, kw_only=True)
class Sanitising:
    """How the data went from a medium, and who did it when."""

    medium: str
    method: str
    tool: str
    verification: str
    done_by: User
    done_on: date


@transaction.atomic
def describe(device: Device, description: DeviceDescription, *, by: User) -> None:
    """Record whose `device` is, where it stands, its display's class and calibration.

    Raises PermissionDenied, ValidationError, FutureDateError or DeviceStateError.
    """
    require_organisation_permission(by, "manage_devices")

    device = _locked(device)
    device.owner, device.facility = description.owner.strip(), description.facility
    device.display_class = description.display_class
    device.calibrated_on = description.calibrated_on
    device.calibration_due = description.calibration_due
    device.clean_fields()
    _require_past(description.calibrated_on)

    device.save(update_fields=DESCRIBED)

    described = DeviceDescribed(
        device_id=str(device.pk),
        owner=device.owner,
        facility=device.facility.ledger_ref if device.facility else None,
        display_class=device.display_class,
        calibrated_on=_text(device.calibrated_on),
        calibration_due=_text(device.calibration_due),
    )
    ledger.append(described, actor=by, subject=device)


@transaction.atomic
def record_posture(
    device: Device,
    *,
    system: str,
    patched_on: date,
    encryption: str,
    screen_lock_minutes: int,
    by: User,
) -> DevicePosture:
    """Record what `by` states about the software, disk and lock of `device`.

    Raises PermissionDenied, ValidationError, FutureDateError or DeviceStateError.
    """
    require_organisation_permission(by, "manage_devices")

    device = _locked(device)
    _require_past(patched_on)
    posture = DevicePosture(
        device=device,
        system=system.strip(),
        patched_on=patched_on,
        encryption=encryption,
        screen_lock_minutes=screen_lock_minutes,
        stated_by=by,
        stated_at=timezone.now(),
    )
    posture.clean_fields()

    posture.save(force_insert=True)

    recorded = DevicePostureRecorded(
        device_id=str(device.pk),
        posture_id=str(posture.pk),
        system=posture.system,
        patched_on=patched_on.isoformat(),
        encryption=posture.encryption,
        screen_lock_minutes=screen_lock_minutes,
    )
    ledger.append(recorded, actor=by, subject=device)
    return posture


@transaction.atomic
def sanitise(device: Device, done: Sanitising, *, by: User) -> DeviceSanitisation:
    """Let `by` approve how somebody else took the data off `device` (NIST SP 800-88).

    Raises PermissionDenied, ValidationError, SecondSanitiserError, FutureDateError or
    DeviceStateError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = _locked(device, State.STORED, State.IN_USE, State.SANITISED)
    if done.done_by == by:
        raise SecondSanitiserError
    _require_past(done.done_on)
    row = DeviceSanitisation(
        device=device,
        medium_hash=devices.serial_hash(done.medium),
        method=done.method,
        tool=done.tool.strip(),
        verification=done.verification.strip(),
        done_by=done.done_by,
        done_on=done.done_on,
        approved_by=by,
    )
    row.clean_fields()

    row.save(force_insert=True)
    device.state, device.browser_key, device.browser_point = State.SANITISED, "", ""
    device.save(update_fields=["state", "browser_key", "browser_point"])

    ledger.append(_sanitised(row), actor=by, subject=device)
    return row


@transaction.atomic
def dispose(
    device: Device, *, manner: str, certificate_hash: str, witness: User, by: User, reason: str
) -> None:
    """Record that `device` left for good; what can hold data was sanitised before.

    Raises PermissionDenied, ReasonMissingError, SecondSanitiserError, NotSanitisedError or
    DeviceStateError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "manage_devices")

    device = _locked(device, State.STORED, State.IN_USE, State.SANITISED)
    if not reason.strip() or not manner.strip():
        raise ReasonMissingError
    if witness == by:
        raise SecondSanitiserError
    if device.kind not in Device.WITHOUT_MEDIA and device.state != State.SANITISED:
        raise NotSanitisedError

    device.state, device.browser_key, device.browser_point = State.DISPOSED, "", ""
    device.save(update_fields=["state", "browser_key", "browser_point"])

    disposed = DeviceDisposed(
        device_id=str(device.pk),
        manner=manner.strip(),
        certificate_hash=certificate_hash,
        witness=witness.ledger_ref,
    )
    ledger.append(disposed, actor=by, subject=device, reason=reason.strip())


def _sanitised(row: DeviceSanitisation) -> ledger.Event:
    return DeviceSanitised(
        device_id=str(row.device_id),
        sanitisation_id=str(row.pk),
        medium_hash=row.medium_hash,
        method=row.method,
        tool=row.tool,
        verification=row.verification,
        done_by=row.done_by.ledger_ref,
        done_on=row.done_on.isoformat(),
        approved_by=row.approved_by.ledger_ref,
    )


def _locked(device: Device, *states: State) -> Device:
    rows = Device.objects.select_for_update(of=("self",)).select_related("facility")
    device = rows.get(pk=device.pk)
    if device.state not in (states or set(State) - {State.DISPOSED}):
        raise DeviceStateError(device.asset_tag, device.get_state_display())
    return device


def _require_past(day: date | None) -> None:
    if day is not None and day > timezone.now().date():
        raise FutureDateError


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
