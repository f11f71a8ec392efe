"""What the record shows about machines and who holds them; queries over entries alone."""

from dataclasses import dataclass
from datetime import timedelta

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.custody import (
    DeviceAssigned,
    DeviceConfirmed,
    DeviceDisposed,
    DeviceFound,
    DeviceHandedOver,
    DeviceLostReported,
    DeviceReceived,
    DeviceReturned,
    DeviceSanitised,
)
from accounts.events.devices import DeviceMoved, DeviceRegistered

CONFIRMED_WITHIN = timedelta(days=180)
STEPS = {DeviceMoved.name, DeviceReceived.name, DeviceReturned.name, DeviceFound.name}
GIVEN = {DeviceReceived.name, DeviceReturned.name}


@dataclass
class Custody:
    """Where a machine is, and who answers for it, as the entries so far say."""

    place: str
    holder: str | None
    gone: bool = False


@ledger.control(
    "device_custody",
    title="Every machine has one place and one holder at each time",
    judges={DeviceRegistered.name, *STEPS},
)
def device_custody(entries: Entries) -> Findings:
    """Each step of custody starts where the one before ended; nothing acts on what is gone."""
    standing: dict[str, Custody] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceRegistered.name:
            standing[entry.subject] = Custody(said["place"], said["holder"])
            continue
        now = standing.get(entry.subject)
        if entry.event in STEPS:
            if now is None:
                yield finding(entry, "moves a machine that is not on the inventory")
                continue
            yield from _step(entry, now)
        elif now and entry.event == DeviceDisposed.name:
            now.gone = True


def _step(entry: ledger.Record, now: Custody) -> Findings:
    """Take `now` one step further; yield what does not fit to it."""
    said = entry.payload
    if now.gone:
        yield finding(entry, "moves a machine that was disposed of")
    if said["from_place"] != now.place:
        yield finding(entry, "starts from another place than where the machine was")
    gave = said.get("giver") or said.get("previous_holder")
    if entry.event in GIVEN and now.holder is not None and gave != now.holder:
        yield finding(entry, "takes the machine from somebody who did not hold it")
    if entry.event == DeviceReceived.name and entry.actor != said["receiver"]:
        yield finding(entry, "was confirmed by somebody else than the receiver")
    holder = said["receiver"] if "receiver" in said else said["holder"]
    if holder is None and now.holder is not None:
        yield finding(entry, "leaves the machine in nobody's care")
    now.place, now.holder = said.get("to_place") or said["place"], holder


@ledger.control(
    "device_inventory_current",
    mode="freshness",
    title="Whoever holds a machine has confirmed it within 180 days",
    judges={DeviceRegistered.name, DeviceConfirmed.name},
)
def device_inventory_current(entries: Entries) -> Findings:
    """Each machine in use was received or confirmed in the 180 days before the newest entry."""
    due: dict[str, ledger.Record] = {}
    newest = None
    for newest in entries:
        if newest.event in {DeviceDisposed.name, DeviceLostReported.name, DeviceReturned.name}:
            due.pop(newest.subject, None)
        elif newest.event in {DeviceReceived.name, DeviceConfirmed.name} or (
            newest.event == DeviceRegistered.name and newest.payload["holder"]
        ):
            due[newest.subject] = newest
    for entry in due.values():
        if newest and newest.sealed_at - entry.at > CONFIRMED_WITHIN:
            yield finding(entry, "is the last word on a machine, more than 180 days old")


@ledger.control(
    "reuse_after_sanitise",
    title="Nobody gets a machine with what another left on it",
    judges={DeviceAssigned.name},
)
def reuse_after_sanitise(entries: Entries) -> Findings:
    """Between two holders the data went: sanitised, or erased before it was handed over."""
    clean: dict[str, bool] = {}
    for entry in entries:
        if entry.event == DeviceSanitised.name:
            clean[entry.subject] = True
        elif entry.event == DeviceHandedOver.name:
            kept = clean.get(entry.subject, False)
            clean[entry.subject] = kept or entry.payload["media_erased"]
        elif entry.event == DeviceAssigned.name:
            was_held = entry.payload["previous_holder"] is not None
            if was_held and not clean.get(entry.subject, False):
                yield finding(entry, "gives on a machine whose data nobody erased")
            clean[entry.subject] = False
