"""The newest report on each regulation, in a few words: what the first page is made of."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.evidence.models import EvidenceReport
from ledger.evidence.page import GAPS, STATUSES, WORST_FIRST, anchor


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A clause that is not evidenced: which, why, and what would close it.

    `closable_here` says that all the evidence it lacks can be recorded in this version.
    """

    clause: str
    title: str
    status: str
    shape: str
    word: str
    why: str
    remedy: str
    anchor: str
    closable_here: bool


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """What somebody attested and the day (UTC) until which it holds, that day included."""

    clause: str
    statement: str
    expires: date
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One finished report: its clauses by finding, its gaps worst first, and what lapses."""

    report: UUID
    name: str
    catalogue: str
    short: str
    stream: str
    head: int
    made_at: datetime
    counts: dict[str, int]
    gaps: Sequence[Gap]
    lapses: Sequence[Lapse]

    @property
    def clauses(self) -> int:
        """How many clauses the regulation has in this report."""
        return sum(self.counts.values())

    @property
    def worst_first(self) -> tuple[int, ...]:
        """How many clauses have each finding, the worst finding first."""
        return tuple(self.counts.get(status, 0) for status in WORST_FIRST)


def newest_reports(streams: Collection[str]) -> list[Summary]:
    """Return the newest finished report of each regulation on each of `streams`, worst first.

    The worst is the one with more clauses failed; then missing; then evidenced in part.
    """
    made = EvidenceReport.objects.filter(
        state=EvidenceReport.State.MADE, stream_key__in=list(streams)
    )
    newest = (
        made.order_by("stream_key", "catalogue", "-head")
        .distinct("stream_key", "catalogue")
        .defer("pdf")
    )
    return sorted((_summary(each) for each in newest), key=_badness)


def _badness(summary: Summary) -> tuple[int | str, ...]:
    return (*(-count for count in summary.worst_first[: len(GAPS)]), summary.short)


def _summary(report: EvidenceReport) -> Summary:
    regulation = json.loads(bytes(report.report_json))["regulations"][0]
    clauses = regulation["clauses"]
    return Summary(
        report=report.pk,
        name=report.name,
        catalogue=report.catalogue,
        short=regulation["short"],
        stream=report.stream_key,
        head=report.head or 0,
        made_at=report.made_at or report.requested_at,
        counts=report.counts,
        gaps=[_gap(c) for status in GAPS for c in clauses if c["status"] == status],
        lapses=sorted(
            (_lapse(c, row) for c in clauses for row in c["attestations"] if "expires" in row),
            key=lambda lapse: lapse.expires,
        ),
    )


def _gap(clause: dict[str, Any]) -> Gap:
    shape, word, _ = STATUSES[clause["status"]]
    return Gap(
        clause=clause["id"],
        title=clause["title"],
        status=clause["status"],
        shape=shape,
        word=word,
        why=clause["why"],
        remedy=clause["remedy"],
        closable_here=all(item["built"] for item in clause["evidence"]),
        anchor=anchor(clause["id"]),
    )


def _lapse(clause: dict[str, Any], row: dict[str, Any]) -> Lapse:
    return Lapse(
        clause=clause["id"],
        statement=row["statement"],
        expires=date.fromisoformat(row["expires"][:10]),
        anchor=anchor(clause["id"]),
    )
