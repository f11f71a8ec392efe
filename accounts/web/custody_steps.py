"""Where a device has been and in whose care, as the record says, newest first."""

from typing import Any

import ledger
from accounts.events import custody as said
from accounts.events.devices import (
    DeviceBrowserBound,
    DeviceBrowserKeyRegistered,
    DeviceMoved,
    DeviceRegistered,
)
from accounts.models import Device

SAYS = {
    DeviceRegistered.name: "Registered",
    DeviceMoved.name: "Moved",
    DeviceBrowserBound.name: "Browser given a key",
    DeviceBrowserKeyRegistered.name: "Browser registered",
    said.DeviceDescribed.name: "Described",
    said.DevicePostureRecorded.name: "Posture stated",
    said.DeviceHandedOver.name: "Handed over",
    said.DeviceReceived.name: "Received",
    said.DeviceHandOverWithdrawn.name: "Hand-over withdrawn",
    said.DeviceReturned.name: "Taken back",
    said.DeviceConfirmed.name: "Confirmed",
    said.DeviceLostReported.name: "Reported lost",
    said.DeviceFound.name: "Found",
    said.DeviceSanitised.name: "Sanitised",
    said.DeviceDisposed.name: "Disposed of",
}
LEFT_OUT = {said.DeviceAssigned.name}  # stands beside the receipt, about the same moment
CUSTODY = {
    DeviceRegistered.name,
    DeviceMoved.name,
    said.DeviceReceived.name,
    said.DeviceReturned.name,
    said.DeviceFound.name,
}
ENDS = {said.DeviceLostReported.name, said.DeviceDisposed.name}


def steps_of(device: Device) -> list[dict[str, Any]]:
    """Return each entry about `device`: what, where, who, when and its position."""
    entries = [e for e in ledger.about(device.ledger_ref) if e.event not in LEFT_OUT]
    people = {entry.actor for entry in entries}
    people |= {ref for entry in entries if (ref := _holder(entry))}
    names = ledger.name_of(people)
    steps = []
    newest = True
    for entry in reversed(entries):
        in_custody = entry.event in CUSTODY
        steps.append(
            {
                "what": SAYS.get(entry.event, entry.event),
                "where": _place(entry),
                "holder": names.get(_holder(entry) or "", ""),
                "by": names[entry.actor],
                "at": entry.at,
                "why": entry.reason,
                "seq": entry.sequence,
                "kind": _kind(entry.event, newest=newest and in_custody),
            }
        )
        newest = newest and not in_custody
    return steps


def _kind(event: str, *, newest: bool) -> str:
    if newest:
        return "now"
    return "void" if event in ENDS else ""


def _place(entry: ledger.Record) -> str:
    told = entry.payload
    return str(told.get("to_place") or told.get("place") or "")


def _holder(entry: ledger.Record) -> str | None:
    told = entry.payload
    found: str | None = told.get("receiver") or told.get("holder")
    return found
