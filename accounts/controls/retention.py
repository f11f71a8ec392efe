"""What the record shows about periods and disposals; a query over entries alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import ledger
from accounts.events.retention import ErasureApproved, RetentionSchedulePublished

ERASED = "ledger.entry_erased"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


@ledger.control(
    "retention",
    title="Every record has its period, and nothing went before it",
    judges={RetentionSchedulePublished.name, ERASED},
)
def retention(entries: Iterable[ledger.Record]) -> Iterator[ledger.Finding]:
    """Every class has a period; what was erased was due, or a legal duty is on record."""
    weighed: dict[tuple[str, int, str], tuple[ledger.Record, dict[str, Any]]] = {}
    for entry in entries:
        if entry.event == RetentionSchedulePublished.name:
            yield from _without_period(entry)
        elif entry.event == ErasureApproved.name:
            for one in entry.payload["weighed"]:
                weighed[entry.stream, one["seq"], one["commitment"]] = (entry, one)
        elif entry.event == ERASED:
            said = entry.payload
            yield from _disposal(
                entry, weighed.get((entry.stream, said["seq"], said["commitment"]))
            )


def _without_period(entry: ledger.Record) -> Iterator[ledger.Finding]:
    for one in entry.payload["classes"]:
        if not one["years"] or not one["basis"]:
            reason = f"publishes the class “{one['title']}” without a period or its basis"
            yield ledger.Finding(entry.sequence, reason, entry.stream)


def _disposal(
    entry: ledger.Record, known: tuple[ledger.Record, dict[str, Any]] | None
) -> Iterator[ledger.Finding]:
    if known is None:
        reason = "erases an entry whose period nobody weighed before"
        yield ledger.Finding(entry.sequence, reason, entry.stream)
        return
    approval, one = known
    if approval.payload["is_duty"]:
        return
    if one["due"] is None or one["due"] > approval.at.strftime(TIME_FORMAT):
        reason = f"erases entry #{one['seq']:,} earlier than due, without a legal duty"
        yield ledger.Finding(entry.sequence, reason, entry.stream)
