"""What the record shows about emergency access; queries over entries alone."""

from datetime import UTC, datetime

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.emergency import EmergencyAccessInvoked, EmergencyAccessReviewed

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


@ledger.control(
    "emergency_access_tested",
    mode="freshness",
    title="Every emergency access was looked at by a second person in time",
    judges={EmergencyAccessInvoked.name},
)
def emergency_access_tested(entries: Entries) -> Findings:
    """Each use has an exercise or review by another person within 72 h (164.312(a)(2)(ii))."""
    waiting: dict[str, ledger.Record] = {}
    newest: datetime | None = None
    for entry in entries:
        newest = entry.at
        if entry.event == EmergencyAccessInvoked.name:
            waiting[entry.subject] = entry
        elif entry.event == EmergencyAccessReviewed.name:
            used = waiting.pop(entry.subject, None)
            if used is not None and used.actor == entry.actor:
                yield finding(used, "was reviewed by the person who used it")
            elif entry.payload["late"]:
                yield finding(entry, "reviews an emergency access later than within 72 h")
    for used in waiting.values():
        due = datetime.strptime(used.payload["review_due"], TIME_FORMAT).replace(tzinfo=UTC)
        if newest and newest > due:
            yield finding(used, "was not reviewed within 72 h")
