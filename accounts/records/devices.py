"""What devices and their movements must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping

import ledger
from accounts.events.devices import DeviceBrowserBound, DeviceMoved, DeviceRegistered
from accounts.records.base import Row, digest

CUSTODY_EVENTS = frozenset({DeviceRegistered.name, DeviceMoved.name})
DEVICE_EVENTS = CUSTODY_EVENTS | {DeviceBrowserBound.name}


def device_rows() -> Iterator[Row]:
    """Yield every device with its place and holder."""
    from accounts.models import Device

    for device in Device.objects.select_related("holder").iterator():
        holder = device.holder.ledger_ref if device.holder else None
        facts = (device.asset_tag, device.kind, device.serial_hash)
        where = (device.place, holder)
        yield device.ledger_ref, _device(facts, where, device.browser_key)


def replay_devices(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every device where its registration and movements put it."""
    facts: dict[str, tuple[str, str, str]] = {}
    where: dict[str, tuple[str, str | None]] = {}
    keys: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceRegistered.name:
            facts[entry.subject] = (said["asset_tag"], said["kind"], said["serial_hash"])
            where[entry.subject] = (said["place"], said["holder"])
        elif entry.event == DeviceMoved.name:
            where[entry.subject] = (said["to_place"], said["holder"])
        elif entry.event == DeviceBrowserBound.name:
            keys[entry.subject] = said["browser_key"]
    return {ref: _device(known, where[ref], keys.get(ref, "")) for ref, known in facts.items()}


def _device(
    facts: tuple[str, str, str], where: tuple[str, str | None], browser_key: str
) -> str:
    tag, kind, serial_hash = facts
    place, holder = where
    return digest(
        {
            "tag": tag,
            "kind": kind,
            "serial": serial_hash,
            "place": place,
            "holder": holder,
            "browser_key": browser_key,
        }
    )


def movement_rows() -> Iterator[Row]:
    """Yield every step of custody."""
    from accounts.models import DeviceMovement

    for step in DeviceMovement.objects.select_related("device", "holder").iterator():
        holder = step.holder.ledger_ref if step.holder else None
        yield (
            step.ledger_ref,
            _movement(step.device.ledger_ref, step.from_place, step.to_place, holder),
        )


def replay_movements(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every step of custody that was recorded."""
    steps: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceRegistered.name:
            step = _movement(entry.subject, "", said["place"], said["holder"])
        elif entry.event == DeviceMoved.name:
            step = _movement(
                entry.subject, said["from_place"], said["to_place"], said["holder"]
            )
        else:
            continue
        steps[f"accounts.device_movement:{said['movement_id']}"] = step
    return steps


def _movement(device: str, from_place: str, to_place: str, holder: str | None) -> str:
    return digest({"device": device, "from": from_place, "to": to_place, "holder": holder})


ledger.recorded(
    "accounts.device", rows=device_rows, replay=replay_devices, events=DEVICE_EVENTS
)
ledger.recorded(
    "accounts.device_movement",
    rows=movement_rows,
    replay=replay_movements,
    events=CUSTODY_EVENTS,
)
