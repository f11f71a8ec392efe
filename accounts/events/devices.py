"""What can happen to machines."""

import ledger


class DeviceRegistered(ledger.Event, name="device.registered", calls="asset_tag"):
    """A machine came onto the inventory, at a place and in somebody's care."""

    device_id: str
    movement_id: str
    asset_tag: str
    kind: str
    serial_hash: str
    place: str
    holder: str | None


class DeviceMoved(ledger.Event, name="device.moved"):
    """A machine went from one place, or one person's care, to another."""

    device_id: str
    movement_id: str
    from_place: str
    to_place: str
    holder: str | None


class DeviceBrowserBound(ledger.Event, name="device.browser_bound"):
    """The browser on a machine was given a key, so that sessions there name the machine."""

    device_id: str
    browser_key: str  # SHA-256 of the key; the one given before no longer works


class DeviceBrowserKeyRegistered(ledger.Event, name="device.browser_key_registered"):
    """The browser on a machine made a key that it cannot give away, and showed to hold it."""

    device_id: str
    public_point: str  # base64url of the uncompressed point on P-256; earlier keys are void
