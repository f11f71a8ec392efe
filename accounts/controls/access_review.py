"""What the record shows about reviews of access; a query over entries alone."""

from datetime import UTC, datetime

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.access_review import AccessReviewCompleted

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


@ledger.control(
    "access_review_current",
    mode="freshness",
    title="Who holds what was reviewed in time",
    judges={AccessReviewCompleted.name},
)
def access_review_current(entries: Entries) -> Findings:
    """Every account and role is looked at, and signed for, within 90 days of the last time."""
    due: datetime | None = None
    newest: ledger.Record | None = None
    for entry in entries:
        newest = entry
        if entry.event != AccessReviewCompleted.name:
            continue
        if due and entry.at > due:
            yield finding(entry, "was signed later than due")
        due = datetime.strptime(entry.payload["next_due"], TIME_FORMAT).replace(tzinfo=UTC)
    if due and newest and newest.at > due:
        yield finding(newest, "is younger than the day on which a review of access was due")
