"""What somebody was trained and qualified for on a day: answered from entries alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ledger
from accounts.controls.training import PROJECT, TrainingTold, holds
from accounts.events.people import UserRoleGranted, UserRoleRevoked
from accounts.events.qualifications import (
    QualificationRecorded,
    QualificationVerified,
    QualificationWithdrawn,
)
from accounts.events.training import TrainingCompleted

if TYPE_CHECKING:
    from datetime import date

    from accounts.models import User

ROLES = frozenset({UserRoleGranted.name, UserRoleRevoked.name})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One thing that a project asked for on the day, and the completion that met it."""

    project: str
    title: str
    version: int
    met_by: dict[str, Any] | None
    seq: int | None  # of the entry that shows it


@dataclass(frozen=True, kw_only=True)
class Qualified:
    """A qualification that held on the day, with the entry that verified it."""

    specialty: str
    issuer: str
    verified_by: str
    valid_to: str | None
    seq: int


@dataclass
class Standing:
    """What the record, as it stood at the end of the day, says of one person."""

    asked: list[Asked] = field(default_factory=list)
    passed: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    qualified: list[Qualified] = field(default_factory=list)

    @property
    def is_current(self) -> bool:
        """Whether everything that was asked for was met."""
        return all(one.met_by for one in self.asked)


def on_day(user: User, day: date) -> Standing:
    """Return what the entries up to the end of `day`, in UTC, say that `user` could show.

    What was put on record later does not count: the day's own gates did not know it.
    """
    own = ledger.about(user.ledger_ref)
    scopes = {entry.payload["scope"] for entry in own if entry.event in ROLES}
    projects = sorted(scope for scope in scopes if scope.startswith(PROJECT))
    others = ledger.about(*projects) if projects else []
    told = TrainingTold()
    by_then = [e for e in (*own, *others) if e.at.date() <= day]
    places = {}
    for entry in sorted(by_then, key=lambda e: (e.sealed_at, e.stream, e.sequence)):
        told.read(entry)
        if entry.event == TrainingCompleted.name:
            places[entry.payload["completion_id"]] = entry.sequence
    names = ledger.name_of(projects)
    standing = Standing(qualified=_qualified([e for e in own if e.at.date() <= day], day))
    for project in projects:
        for said in told.required(user.ledger_ref, project):
            standing.asked.append(_asked(told, user, said, day, names[project], places))
    standing.passed = [
        (done, places[key])
        for key, done in told.passed[user.ledger_ref].items()
        if holds(done, day)
    ]
    return standing


def _asked(
    told: TrainingTold,
    user: User,
    said: dict[str, Any],
    day: date,
    project: str,
    places: dict[str, int],
) -> Asked:
    done = told.met(user.ledger_ref, said, day)
    return Asked(
        project=project,
        title=said["title"],
        version=said["version"],
        met_by=done,
        seq=places[done["completion_id"]] if done else None,
    )


def _qualified(entries: list[ledger.Record], day: date) -> list[Qualified]:
    recorded: dict[str, dict[str, Any]] = {}
    verified: dict[str, ledger.Record] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == QualificationRecorded.name:
            recorded[said["qualification_id"]] = said
        elif entry.event == QualificationVerified.name:
            verified[said["qualification_id"]] = entry
        elif entry.event == QualificationWithdrawn.name:
            verified.pop(said["qualification_id"], None)
    names = ledger.name_of({entry.actor for entry in verified.values()})
    held = [(recorded[key], entry) for key, entry in verified.items() if key in recorded]
    return [
        Qualified(
            specialty=said["specialty"],
            issuer=said["issuer"],
            verified_by=names[entry.actor],
            valid_to=said["valid_to"],
            seq=entry.sequence,
        )
        for said, entry in held
        if said["valid_from"] <= day.isoformat()
        and (said["valid_to"] is None or said["valid_to"] >= day.isoformat())
    ]
