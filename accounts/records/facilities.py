"""What places of work, their attestations, logs and networks must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.facilities import (
    FacilityAccessRecorded,
    FacilityAttested,
    FacilityDescribed,
    FacilityMaintenanceRecorded,
    FacilityRangeApproved,
    FacilityRangeDeclined,
    FacilityRangeRequested,
    FacilityRegistered,
)
from accounts.records.base import Row, digest

DESCRIBED = ("location", "access_control", "mobile_devices", "responsible", "deputy")
KINDS = {
    FacilityAccessRecorded.name: "visit",
    FacilityMaintenanceRecorded.name: "maintenance",
}
AFTER = {  # what an approved or declined change leaves
    (FacilityRangeApproved.name, "add"): "in_force",
    (FacilityRangeApproved.name, "remove"): "removed",
    (FacilityRangeDeclined.name, "add"): "declined",
    (FacilityRangeDeclined.name, "remove"): "in_force",
    (FacilityRangeRequested.name, "add"): "asked",
    (FacilityRangeRequested.name, "remove"): "removal_asked",
}
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def facility_rows() -> Iterator[Row]:
    """Yield every facility as it is described now."""
    from accounts.models import Facility  # apps load before models

    for row in Facility.objects.select_related("responsible", "deputy").iterator():
        told = {
            "location": row.location,
            "access_control": row.access_control,
            "mobile_devices": row.mobile_devices,
            "responsible": row.responsible.ledger_ref,
            "deputy": row.deputy.ledger_ref if row.deputy else None,
        }
        yield row.ledger_ref, digest({"title": row.title, **told})


def replay_facilities(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every facility as its registration and later descriptions say."""
    titles: dict[str, str] = {}
    told: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.event == FacilityRegistered.name:
            titles[entry.subject] = entry.payload["title"]
        told[entry.subject] = {name: entry.payload[name] for name in DESCRIBED}
    return {ref: digest({"title": title, **told[ref]}) for ref, title in titles.items()}


def attestation_rows() -> Iterator[Row]:
    """Yield every attestation."""
    from accounts.models import FacilityAttestation

    for row in FacilityAttestation.objects.select_related("attested_by").iterator():
        yield (
            row.ledger_ref,
            digest(
                {
                    "facility": str(row.facility_id),
                    "statement": row.statement,
                    "evidence": row.evidence_hash,
                    "by": row.attested_by.ledger_ref,
                    "expires": row.expires.isoformat(),
                }
            ),
        )


def replay_attestations(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every attestation that was recorded."""
    return {
        f"accounts.facility_attestation:{entry.payload['attestation_id']}": digest(
            {
                "facility": entry.payload["facility_id"],
                "statement": entry.payload["statement"],
                "evidence": entry.payload["evidence_hash"],
                "by": entry.actor,
                "expires": entry.payload["expires"],
            }
        )
        for entry in entries
    }


def log_rows() -> Iterator[Row]:
    """Yield every visit and every work on a place; its words can be withheld."""
    from accounts.models import FacilityLog

    for row in FacilityLog.objects.select_related("accompanied_by").iterator():
        began, ended = (at.strftime(TIME_FORMAT) for at in (row.began_at, row.ended_at))
        facts = (row.accompanied_by.ledger_ref, began, ended)
        yield row.ledger_ref, _line(str(row.facility_id), row.kind, facts)


def replay_log(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every visit and every work that was recorded."""
    lines = {}
    for entry in entries:
        said = entry.payload
        facts = (said["accompanied_by"], said["began_at"], said["ended_at"])
        lines[f"accounts.facility_log:{said['log_id']}"] = _line(
            said["facility_id"], KINDS[entry.event], facts
        )
    return lines


def _line(facility: str, kind: str, facts: tuple[str, str, str]) -> str:
    person, began, ended = facts
    return digest(
        {"facility": facility, "kind": kind, "by": person, "began": began, "ended": ended}
    )


def range_rows() -> Iterator[Row]:
    """Yield every network range with its state and who decided."""
    from accounts.models import NetworkRange
    from accounts.networks import range_hash

    for row in NetworkRange.objects.select_related("decided_by").iterator():
        decided_by = row.decided_by.ledger_ref if row.decided_by else None
        yield (
            row.ledger_ref,
            _range(str(row.facility_id), range_hash(row.cidr), (row.state, decided_by)),
        )


def replay_ranges(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every range as requests and decisions leave it."""
    known: dict[str, tuple[str, str]] = {}
    states: dict[str, tuple[str, str | None]] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == FacilityRangeRequested.name:
            known[entry.subject] = (said["facility_id"], said["range_hash"])
        decided_by = said.get("approved_by") or said.get("declined_by")
        states[entry.subject] = (AFTER[entry.event, said["change"]], decided_by)
    return {ref: _range(*facts, states[ref]) for ref, facts in known.items()}


def _range(facility: str, hashed: str, state: tuple[str, str | None]) -> str:
    return digest({"facility": facility, "range": hashed, "state": list(state)})


ledger.recorded(
    "accounts.facility",
    rows=facility_rows,
    replay=replay_facilities,
    events=frozenset({FacilityRegistered.name, FacilityDescribed.name}),
)
ledger.recorded(
    "accounts.facility_attestation",
    rows=attestation_rows,
    replay=replay_attestations,
    events=frozenset({FacilityAttested.name}),
)
ledger.recorded(
    "accounts.facility_log", rows=log_rows, replay=replay_log, events=frozenset(KINDS)
)
ledger.recorded(
    "accounts.network_range",
    rows=range_rows,
    replay=replay_ranges,
    events=frozenset(name for name, _ in AFTER),
)


def _withhold_comment(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold who came and what for, when the entry that says so is erased."""
    from accounts.models import FacilityLog

    FacilityLog.objects.filter(pk=payload["log_id"]).update(comment="withheld")


def _withhold_range_reason(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold why a range was asked for, when an entry that says so is erased."""
    from accounts.models import NetworkRange

    NetworkRange.objects.filter(pk=payload["range_id"]).update(reason="withheld")


for _logged in KINDS:
    ledger.erasable(_logged, scrub=_withhold_comment)
for _asked in (FacilityRangeRequested.name, FacilityRangeApproved.name):
    ledger.erasable(_asked, scrub=_withhold_range_reason)
