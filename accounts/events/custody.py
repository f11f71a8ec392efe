"""What can happen to machines between their registration and their end."""

import ledger


class DeviceDescribed(ledger.Event, name="device.described"):
    """Whose a machine is, where it stands and, for a display, when it was calibrated."""

    device_id: str
    owner: str
    facility: str | None
    display_class: str
    calibrated_on: str | None
    calibration_due: str | None


class DevicePostureRecorded(ledger.Event, name="device.posture_recorded"):
    """A named person stated the software, patches, disk encryption and lock of a machine."""

    device_id: str
    posture_id: str
    system: str
    patched_on: str
    encryption: str  # full, none or no_data
    screen_lock_minutes: int


class DeviceHandedOver(ledger.Event, name="device.handed_over"):
    """A machine left for another person, who has not confirmed; its holder still answers."""

    device_id: str
    transfer_id: str
    from_place: str
    to_place: str
    facility: str | None
    giver: str
    receiver: str
    media_erased: bool


class DeviceReceived(ledger.Event, name="device.received"):
    """The receiver confirmed that a machine arrived, and answers for it from now on."""

    device_id: str
    transfer_id: str
    movement_id: str
    from_place: str
    to_place: str
    facility: str | None
    giver: str
    receiver: str


class DeviceAssigned(ledger.Event, name="device.assigned"):
    """From now on this person answers for a machine; nobody did, or somebody else, before."""

    device_id: str
    holder: str
    previous_holder: str | None
    place: str


class DeviceHandOverWithdrawn(ledger.Event, name="device.hand_over_withdrawn"):
    """A machine did not go after all; it is where it was, in the same care."""

    device_id: str
    transfer_id: str


class DeviceReturned(ledger.Event, name="device.returned"):
    """An administrator took a machine back from its holder, and answers for it now."""

    device_id: str
    movement_id: str
    from_place: str
    to_place: str
    previous_holder: str
    holder: str


class DeviceConfirmed(ledger.Event, name="device.confirmed"):
    """The holder of a machine confirmed to have it, at its place."""

    device_id: str
    holder: str
    place: str
    confirmed_on: str


class DeviceLostReported(ledger.Event, name="device.lost_reported", urgent=True):
    """A machine is missing: its browser's keys are void, its sessions have ended."""

    device_id: str
    last_place: str
    holder: str | None
    sessions: tuple[str, ...]  # those that ended with it


class DeviceFound(ledger.Event, name="device.found"):
    """A machine that was lost is here again, in somebody's care; its keys stay void."""

    device_id: str
    movement_id: str
    from_place: str
    place: str
    holder: str


class DeviceSanitised(ledger.Event, name="device.sanitised"):
    """The data on a medium went, as NIST SP 800-88 says; one did it, another approved."""

    device_id: str
    sanitisation_id: str
    medium_hash: str
    method: str  # clear, purge or destroy
    tool: str
    verification: str
    done_by: str
    done_on: str
    approved_by: str


class DeviceDisposed(ledger.Event, name="device.disposed"):
    """A machine left for good; it stays on the inventory as gone."""

    device_id: str
    manner: str
    certificate_hash: str  # SHA-256 of the certificate that is kept; "" where there is none
    witness: str
