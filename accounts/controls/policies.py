"""What the record shows about policies; a query over entries alone."""

from __future__ import annotations

from datetime import date, timedelta

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.people import UserRoleGranted, UserRoleRevoked
from accounts.events.policies import PolicyAcknowledged, PolicyPublished
from accounts.events.signing import SignatureApplied


@ledger.control(
    "policy_ack_current",
    title="Who signs has acknowledged the policies in force",
    judges={PolicyPublished.name, PolicyAcknowledged.name},
)
def policy_ack_current(entries: Entries) -> Findings:
    """No record is signed by somebody who owes a policy longer than it allows (11.10(j))."""
    published: dict[str, ledger.Record] = {}  # the newest of each title
    known: set[tuple[str, str]] = set()
    roles: dict[str, dict[str, str]] = {}  # person -> membership -> role
    for entry in entries:
        said = entry.payload
        if entry.event == PolicyPublished.name:
            published[said["record_id"]] = entry
        elif entry.event == PolicyAcknowledged.name:
            known.add((entry.actor, said["record_id"]))
        elif entry.event == UserRoleGranted.name:
            roles.setdefault(entry.subject, {})[said["membership_id"]] = said["role"]
        elif entry.event == UserRoleRevoked.name:
            roles.get(entry.subject, {}).pop(said["membership_id"], None)
        elif entry.event == SignatureApplied.name and entry.subject not in published:
            held = set(roles.get(entry.actor, {}).values())
            for title in _owed(published.values(), held, known, entry):
                yield finding(entry, f"was signed by somebody who owes “{title}”")


def _owed(
    published: Entries, held: set[str], known: set[tuple[str, str]], entry: ledger.Record
) -> list[str]:
    """Return the titles whose version in force was due before `entry` and not acknowledged."""
    day = entry.at.date()
    force: dict[str, ledger.Record] = {}
    for version in published:
        if date.fromisoformat(version.payload["valid_from"]) <= day:
            force[version.payload["title"]] = version
    return [
        title
        for title, version in force.items()
        if held & set(version.payload["roles"])
        and (entry.actor, version.payload["record_id"]) not in known
        and _due(version) < day
    ]


def _due(version: ledger.Record) -> date:
    said = version.payload
    begins = date.fromisoformat(said["valid_from"])
    return begins + timedelta(days=said["due_days"])
