"""What the record shows about training and qualifications; queries over entries alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ledger
from accounts.controls.base import finding
from accounts.events.people import UserRoleGranted, UserRoleRevoked
from accounts.events.qualifications import (
    QualificationRecorded,
    QualificationVerified,
    QualificationWithdrawn,
)
from accounts.events.training import (
    TrainingCompleted,
    TrainingRequired,
    TrainingRequirementApplied,
    TrainingRequirementEnded,
    TrainingWithdrawn,
)

if TYPE_CHECKING:
    from datetime import date

    from accounts.controls.base import Entries, Findings

# What counts as working on images; names of the vocabulary, for the app above declares them.
MARKS = frozenset({"annotation.created", "annotation.modified", "annotation.retired"})
ACTS = MARKS | {"image.viewed", "review.submitted", "signature.applied"}
REQUIREMENTS = frozenset(
    {TrainingRequired.name, TrainingRequirementApplied.name, TrainingRequirementEnded.name}
)
UNASKED = frozenset({"auditor", "regulatory"})
PROJECT = "accounts.project:"


@dataclass
class TrainingTold:
    """What the entries so far say about who is asked for what, and who has passed it."""

    roles: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    in_force: set[str] = field(default_factory=set)
    passed: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def read(self, entry: ledger.Record) -> None:
        """Take in one entry."""
        said = entry.payload
        if entry.event == UserRoleGranted.name:
            self.roles[said["membership_id"]] = (entry.subject, said["scope"], said["role"])
        elif entry.event == UserRoleRevoked.name:
            self.roles.pop(said["membership_id"], None)
        elif entry.event in REQUIREMENTS:
            self._read_requirement(entry.event, said)
        elif entry.event == TrainingCompleted.name:
            self.passed[entry.subject][said["completion_id"]] = said
        elif entry.event == TrainingWithdrawn.name:
            self.passed[entry.subject].pop(said["completion_id"], None)

    def _read_requirement(self, event: str, said: dict[str, Any]) -> None:
        key = said["requirement_id"]
        if event == TrainingRequired.name:
            self.asked[key] = said
        if event == TrainingRequirementEnded.name:
            self.in_force.discard(key)
        elif said.get("in_force", True):
            self.in_force.add(key)

    def required(self, person: str, project: str) -> list[dict[str, Any]]:
        """Return what `project` asks of `person`, by the roles held there."""
        held = {
            role
            for who, scope, role in self.roles.values()
            if (who, scope) == (person, project)
        }
        if not held - UNASKED:
            return []
        return [
            said
            for key, said in self.asked.items()
            if key in self.in_force
            and said["project"] == project
            and (said["role"] is None or said["role"] in held)
        ]

    def met(self, person: str, said: dict[str, Any], day: date) -> dict[str, Any] | None:
        """Return a completion of `person` that meets a requirement on `day`, or None."""
        for done in self.passed[person].values():
            fits = done["course"] == said["course"] and done["version"] >= said["version"]
            if fits and holds(done, day):
                return done
        return None


def holds(done: dict[str, Any], day: date) -> bool:
    """Tell whether what was completed counts on `day`."""
    unended = done["expires"] is None or done["expires"] >= day.isoformat()
    return bool(unended and done["done_on"] <= day.isoformat())


@ledger.control(
    "training_current",
    title="Whoever works on images holds the training that the project asks for",
    judges={TrainingRequired.name, TrainingCompleted.name},
)
def training_current(entries: Entries) -> Findings:
    """No image is opened, marked, reviewed or signed without current training (11.10(i))."""
    told = TrainingTold()
    for entry in entries:
        told.read(entry)
        if entry.event not in ACTS:
            continue
        project = PROJECT + entry.stream.rpartition("/")[2]
        for said in told.required(entry.actor, project):
            if told.met(entry.actor, said, entry.at.date()) is None:
                what = f"“{said['title']}”, version {said['version']}"
                yield finding(entry, f"was done without current training in {what}")


@ledger.control(
    "reader_qualification",
    title="Whoever reads holds a qualification that another person verified",
    judges={QualificationRecorded.name, QualificationVerified.name},
)
def reader_qualification(entries: Entries) -> Findings:
    """No mark or review is made without a qualification verified and valid that day.

    Judged from the first qualification on record on: before it, the record shows nothing.
    """
    recorded: dict[str, dict[str, Any]] = {}
    recorders: dict[str, str] = {}
    counting: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        said = entry.payload
        if entry.event == QualificationRecorded.name:
            recorded[said["qualification_id"]] = said
            recorders[said["qualification_id"]] = entry.actor
        elif entry.event == QualificationVerified.name:
            if entry.actor in {recorders.get(said["qualification_id"]), entry.subject}:
                yield finding(entry, "was verified by the person who recorded or holds it")
            counting[entry.subject].add(said["qualification_id"])
        elif entry.event == QualificationWithdrawn.name:
            counting[entry.subject].discard(said["qualification_id"])
        elif recorded and entry.event in MARKS | {"review.submitted"}:
            held = [recorded[key] for key in counting[entry.actor] if key in recorded]
            if not any(_is_valid(one, entry.at.date()) for one in held):
                yield finding(entry, "was made by a reader without a verified qualification")


def _is_valid(said: dict[str, Any], day: date) -> bool:
    unended = said["valid_to"] is None or said["valid_to"] >= day.isoformat()
    return bool(unended and said["valid_from"] <= day.isoformat())
