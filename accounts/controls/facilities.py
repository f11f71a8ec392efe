"""What the record shows about places of work; queries over entries alone."""

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.facilities import FacilityAttested, FacilityRegistered, SessionLocated

STATEMENTS = frozenset({"closed", "screens", "rules", "admittance", "repairs"})


@ledger.control(
    "facility_attested",
    title="Work is done where a named person vouches for the place",
    judges={FacilityRegistered.name, SessionLocated.name},
)
def facility_attested(entries: Entries) -> Findings:
    """Whoever works from a known place does so while all is attested there (164.310(a)(1))."""
    until: dict[str, dict[str, str]] = {}  # place -> what is attested, the last day of each
    places: dict[str, str] = {}  # session -> place
    for entry in entries:
        said = entry.payload
        if entry.event == FacilityAttested.name:
            held = until.setdefault(said["facility_id"], {})
            held[said["statement"]] = max(said["expires"], held.get(said["statement"], ""))
        elif entry.event == SessionLocated.name:
            places[said["session_id"]] = said["facility_id"]
        place = places.get(entry.origin.get("session") or "")
        if place is None or entry.event == SessionLocated.name:
            continue
        today = entry.at.date().isoformat()
        holding = {name for name, day in until.get(place, {}).items() if today <= day}
        if lacking := len(STATEMENTS - holding):
            yield finding(
                entry, f"was done at a facility with {lacking} of 5 statements not attested"
            )
