"""What emergency accesses must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.emergency import (
    EmergencyAccessEnded,
    EmergencyAccessInvoked,
    EmergencyAccessReviewed,
)
from accounts.records.base import Row, digest

EVENTS = frozenset(
    {EmergencyAccessInvoked.name, EmergencyAccessEnded.name, EmergencyAccessReviewed.name}
)
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def emergency_rows() -> Iterator[Row]:
    """Yield every emergency access that was signed."""
    from accounts.models import EmergencyAccess  # apps load before models

    rows = EmergencyAccess.objects.invoked().select_related("person", "reviewed_by")
    for row in rows.iterator():
        facts = {
            "content": row.content_hash,
            "person": row.person.ledger_ref,
            "about": row.subject_ref,
            "ends": row.ends_at.strftime(TIME_FORMAT) if row.ends_at else "",
        }
        reviewer = row.reviewed_by.ledger_ref if row.reviewed_by else ""
        yield (
            row.ledger_ref,
            _emergency(facts, reviewer, row.outcome, ended=row.ended_at is not None),
        )


def replay_emergencies(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every emergency access as its entries leave it."""
    facts: dict[str, dict[str, str]] = {}
    ended: set[str] = set()
    reviewed: dict[str, tuple[str, str]] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == EmergencyAccessInvoked.name:
            facts[entry.subject] = {
                "content": said["content_hash"],
                "person": entry.actor,
                "about": said["about"],
                "ends": said["ends"],
            }
        elif entry.event == EmergencyAccessEnded.name:
            ended.add(entry.subject)
        elif entry.event == EmergencyAccessReviewed.name:
            reviewed[entry.subject] = (said["reviewed_by"], said["outcome"])
    return {
        ref: _emergency(known, *reviewed.get(ref, ("", "")), ended=ref in ended)
        for ref, known in facts.items()
    }


def _emergency(facts: dict[str, str], reviewer: str, outcome: str, *, ended: bool) -> str:
    return digest({**facts, "reviewer": reviewer, "outcome": outcome, "ended": ended})


def _withhold_reason(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold why the glass was broken, when the entry that says so is erased."""
    from accounts.models import EmergencyAccess

    found = EmergencyAccess.objects.filter(pk=subject.partition(":")[2])
    found.update(reason="withheld", content="")


def _withhold_outcome(subject: str, payload: Mapping[str, Any]) -> None:
    from accounts.models import EmergencyAccess

    found = EmergencyAccess.objects.filter(pk=subject.partition(":")[2])
    found.update(outcome_reason="withheld")


ledger.recorded(
    "accounts.emergency_access", rows=emergency_rows, replay=replay_emergencies, events=EVENTS
)
ledger.erasable(EmergencyAccessInvoked.name, scrub=_withhold_reason)
ledger.erasable(EmergencyAccessReviewed.name, scrub=_withhold_outcome)
