"""What devices and their movements must agree with in the record."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import ledger
from accounts.events.custody import (
    DeviceConfirmed,
    DeviceDescribed,
    DeviceDisposed,
    DeviceFound,
    DeviceHandedOver,
    DeviceHandOverWithdrawn,
    DeviceLostReported,
    DeviceReceived,
    DeviceReturned,
    DeviceSanitised,
)
from accounts.events.devices import (
    DeviceBrowserBound,
    DeviceBrowserKeyRegistered,
    DeviceMoved,
    DeviceRegistered,
)
from accounts.records.base import Row, digest

DESCRIBED = ("owner", "facility", "display_class", "calibrated_on", "calibration_due")
NOT_DESCRIBED = {
    "owner": "",
    "facility": None,
    "display_class": "",
    "calibrated_on": None,
    "calibration_due": None,
}


@dataclass
class Standing:
    """A device as its row, or as its entries, tell it."""

    facts: tuple[str, str, str]
    where: tuple[str, str | None]
    state: str
    described: dict[str, Any] = field(default_factory=NOT_DESCRIBED.copy)
    confirmed_on: str | None = None
    browser_key: str = ""
    browser_point: str = ""

    def digest(self) -> str:
        return digest(asdict(self) | {"facts": list(self.facts), "where": list(self.where)})


def device_rows() -> Iterator[Row]:
    """Yield every device with its state, place and holder."""
    from accounts.models import Device  # apps load before models

    for device in Device.objects.select_related("holder", "facility").iterator():
        holder = device.holder.ledger_ref if device.holder else None
        described = {
            "owner": device.owner,
            "facility": device.facility.ledger_ref if device.facility else None,
            "display_class": device.display_class,
            "calibrated_on": _text(device.calibrated_on),
            "calibration_due": _text(device.calibration_due),
        }
        standing = Standing(
            facts=(device.asset_tag, device.kind, device.serial_hash),
            where=(device.place, holder),
            state=device.state,
            described=described,
            confirmed_on=_text(device.confirmed_on),
            browser_key=device.browser_key,
            browser_point=device.browser_point,
        )
        yield device.ledger_ref, standing.digest()


def replay_devices(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every device where its registration and everything after put it."""
    found: dict[str, Standing] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceRegistered.name:
            found[entry.subject] = Standing(
                facts=(said["asset_tag"], said["kind"], said["serial_hash"]),
                where=(said["place"], said["holder"]),
                state="in_use" if said["holder"] else "stored",
            )
        elif entry.subject in found:
            CHANGES[entry.event](found[entry.subject], entry)
    return {ref: standing.digest() for ref, standing in found.items()}


def _moved(one: Standing, entry: ledger.Record) -> None:
    one.where = (entry.payload["to_place"], entry.payload["holder"])


def _received(one: Standing, entry: ledger.Record) -> None:
    said = entry.payload
    one.where, one.state = (said["to_place"], said["receiver"]), "in_use"
    one.described = one.described | {"facility": said["facility"]}
    one.confirmed_on = entry.at.date().isoformat()


def _returned(one: Standing, entry: ledger.Record) -> None:
    one.where, one.state = (entry.payload["to_place"], entry.payload["holder"]), "stored"


def _found(one: Standing, entry: ledger.Record) -> None:
    one.where, one.state = (entry.payload["place"], entry.payload["holder"]), "stored"


def _withdrawn(one: Standing, _: ledger.Record) -> None:
    one.state = "in_use" if one.where[1] else "stored"


def _described(one: Standing, entry: ledger.Record) -> None:
    one.described = {name: entry.payload[name] for name in DESCRIBED}


def _confirmed(one: Standing, entry: ledger.Record) -> None:
    one.confirmed_on = entry.payload["confirmed_on"]


def _bound(one: Standing, entry: ledger.Record) -> None:
    one.browser_key = entry.payload["browser_key"]


def _key_registered(one: Standing, entry: ledger.Record) -> None:
    one.browser_point, one.browser_key = entry.payload["public_point"], ""


def _gone(state: str) -> "Change":
    def change(one: Standing, _: ledger.Record) -> None:
        one.state, one.browser_key, one.browser_point = state, "", ""

    return change


def _under_way(one: Standing, _: ledger.Record) -> None:
    one.state = "in_transit"


Change = Callable[[Standing, ledger.Record], None]
CHANGES: dict[str, Change] = {
    DeviceMoved.name: _moved,
    DeviceHandedOver.name: _under_way,
    DeviceReceived.name: _received,
    DeviceHandOverWithdrawn.name: _withdrawn,
    DeviceReturned.name: _returned,
    DeviceFound.name: _found,
    DeviceDescribed.name: _described,
    DeviceConfirmed.name: _confirmed,
    DeviceBrowserBound.name: _bound,
    DeviceBrowserKeyRegistered.name: _key_registered,
    DeviceLostReported.name: _gone("lost"),
    DeviceSanitised.name: _gone("sanitised"),
    DeviceDisposed.name: _gone("disposed"),
}


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
        if "movement_id" not in said:
            continue
        step = _movement(
            entry.subject,
            said.get("from_place", ""),
            said.get("to_place") or said["place"],
            said["receiver"] if "receiver" in said else said["holder"],
        )
        steps[f"accounts.device_movement:{said['movement_id']}"] = step
    return steps


def _movement(device: str, from_place: str, to_place: str, holder: str | None) -> str:
    return digest({"device": device, "from": from_place, "to": to_place, "holder": holder})


def _text(day: object) -> str | None:
    return str(day) if day else None


ledger.recorded(
    "accounts.device",
    rows=device_rows,
    replay=replay_devices,
    events=frozenset({DeviceRegistered.name, *CHANGES}),
)
ledger.recorded(
    "accounts.device_movement",
    rows=movement_rows,
    replay=replay_movements,
    events=frozenset(
        {
            DeviceRegistered.name,
            DeviceMoved.name,
            DeviceReceived.name,
            DeviceReturned.name,
            DeviceFound.name,
        }
    ),
)
