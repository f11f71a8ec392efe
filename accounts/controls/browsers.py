"""What the record shows about the browsers of sessions; queries over entries alone."""

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.browsers import DevicePolicySet, SessionClientNoted
from accounts.events.custody import DeviceDisposed, DeviceFound, DeviceLostReported

ASKING = {"read_only", "refused"}
GONE = {DeviceLostReported.name, DeviceDisposed.name}


@ledger.control(
    "mobile_clients",
    title="No session came from a mobile device",
    judges={SessionClientNoted.name},
)
def mobile_clients(entries: Entries) -> Findings:
    """Each session whose browser called itself mobile is listed (164.310(b))."""
    for entry in entries:
        if entry.event == SessionClientNoted.name and entry.payload["mobile"]:
            yield finding(entry, "is a session of a mobile device")


@ledger.control(
    "device_trust",
    title="Where registered devices are asked for, work came from no other",
    judges={DevicePolicySet.name},
)
def device_trust(entries: Entries) -> Findings:
    """Under a policy no entry of a session lacks its device; none came from a lost one."""
    asking: set[str] = set()  # streams of projects whose policy asks for registered devices
    gone: set[str] = set()
    for entry in entries:
        device, session = entry.origin.get("device"), entry.origin.get("session")
        if device in gone:
            yield finding(entry, "came from a device that was lost or disposed of")
        unknown = session and not device and entry.event != DevicePolicySet.name
        if unknown and entry.stream in asking:
            yield finding(entry, "came from a device that is not registered")
        if entry.event == DevicePolicySet.name:
            change = asking.add if entry.payload["unregistered"] in ASKING else asking.discard
            change(entry.stream)
        elif entry.event in GONE:
            gone.add(entry.subject)
        elif entry.event == DeviceFound.name:
            gone.discard(entry.subject)
