"""What hand-overs, postures and sanitisings must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.custody import (
    DeviceHandedOver,
    DeviceHandOverWithdrawn,
    DeviceLostReported,
    DevicePostureRecorded,
    DeviceReceived,
    DeviceSanitised,
)
from accounts.records.base import Row, digest

ENDS = {DeviceReceived.name: "received", DeviceHandOverWithdrawn.name: "withdrawn"}


def transfer_rows() -> Iterator[Row]:
    """Yield every hand-over with its state."""
    from accounts.models import DeviceTransfer  # apps load before models

    people = ("giver", "receiver", "device", "facility")
    for row in DeviceTransfer.objects.select_related(*people).iterator():
        told = {
            "device_id": str(row.device_id),
            "to_place": row.to_place,
            "facility": row.facility.ledger_ref if row.facility else None,
            "giver": row.giver.ledger_ref,
            "receiver": row.receiver.ledger_ref,
            "media_erased": row.media_erased,
        }
        yield row.ledger_ref, digest({**told, "state": row.state})


def replay_transfers(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every hand-over as receipt, withdrawal or loss leave it."""
    told: dict[str, dict[str, Any]] = {}
    names = ("device_id", "to_place", "facility", "giver", "receiver", "media_erased")
    under_way: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == DeviceHandedOver.name:
            facts = {name: said[name] for name in names}
            told[said["transfer_id"]] = {**facts, "state": "open"}
            under_way[entry.subject] = said["transfer_id"]
        elif entry.event in ENDS:
            told[said["transfer_id"]]["state"] = ENDS[entry.event]
            under_way.pop(entry.subject, None)
        elif transfer := under_way.pop(entry.subject, None):
            told[transfer]["state"] = "lost"
    return {f"accounts.device_transfer:{pk}": digest(facts) for pk, facts in told.items()}


def posture_rows() -> Iterator[Row]:
    """Yield every posture that was stated."""
    from accounts.models import DevicePosture

    for row in DevicePosture.objects.select_related("stated_by").iterator():
        told = {
            "device_id": str(row.device_id),
            "system": row.system,
            "patched_on": row.patched_on.isoformat(),
            "encryption": row.encryption,
            "screen_lock_minutes": row.screen_lock_minutes,
        }
        yield row.ledger_ref, digest({**told, "by": row.stated_by.ledger_ref})


def replay_postures(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every posture that was recorded."""
    found = {}
    for entry in entries:
        told = dict(entry.payload)
        ref = f"accounts.device_posture:{told.pop('posture_id')}"
        found[ref] = digest({**told, "by": entry.actor})
    return found


def sanitisation_rows() -> Iterator[Row]:
    """Yield every sanitising."""
    from accounts.models import DeviceSanitisation

    rows = DeviceSanitisation.objects.select_related("done_by", "approved_by")
    for row in rows.iterator():
        told: dict[str, object] = {
            "device_id": str(row.device_id),
            "medium_hash": row.medium_hash,
            "method": row.method,
            "tool": row.tool,
            "verification": row.verification,
            "done_by": row.done_by.ledger_ref,
            "done_on": row.done_on.isoformat(),
            "approved_by": row.approved_by.ledger_ref,
        }
        yield row.ledger_ref, digest(told)


def replay_sanitisations(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every sanitising that was recorded."""
    found = {}
    for entry in entries:
        told = dict(entry.payload)
        ref = f"accounts.device_sanitisation:{told.pop('sanitisation_id')}"
        found[ref] = digest(told)
    return found


ledger.recorded(
    "accounts.device_transfer",
    rows=transfer_rows,
    replay=replay_transfers,
    events=frozenset({DeviceHandedOver.name, DeviceLostReported.name, *ENDS}),
)
ledger.recorded(
    "accounts.device_posture",
    rows=posture_rows,
    replay=replay_postures,
    events=frozenset({DevicePostureRecorded.name}),
)
ledger.recorded(
    "accounts.device_sanitisation",
    rows=sanitisation_rows,
    replay=replay_sanitisations,
    events=frozenset({DeviceSanitised.name}),
)
