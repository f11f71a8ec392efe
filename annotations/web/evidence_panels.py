"""Panels of the first page about evidence: what to close next, clauses by regulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

import ledger
from accounts.models import Project
from annotations.web.home_panels import panel

FINDINGS = (
    ("Failed", "failed"),
    ("Missing", "missing"),
    ("Partly", "partly"),
    ("Attested only", "attested"),
    ("Evidenced", "evidenced"),
    ("Not applicable", "na"),
)
SHOWN = 6
SHOWN_OF_ONE = 3  # of one finding, so that the next kind is seen too
SOON = timedelta(days=30)
BAR = 640  # units of width that one regulation's bar has
BETWEEN = 3


def newest(projects: Sequence[Project]) -> list[ledger.Summary]:
    """Return the newest report on each regulation in each of the person's projects."""
    return ledger.newest_reports(*(str(project.pk) for project in projects))


def lead(reports: Sequence[ledger.Summary]) -> str:
    """Return one sentence on what is open."""
    if not reports:
        return "No report was made yet, so nothing is known about any clause."
    failed, missing = (sum(r.counts.get(s, 0) for r in reports) for s in ("failed", "missing"))
    soon = len(list(_lapsing(reports)))
    return (
        f"From the newest reports: {failed} clause{_s(failed)} failed,"
        f" {missing} without evidence, {soon} attestation{_s(soon)} about to lapse."
    )


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def gaps(reports: Sequence[ledger.Summary], *, may_make: bool) -> dict[str, Any]:
    """Return what to do next: failed, then missing, then what lapses soonest."""
    failed = list(_gaps(reports, "failed"))[:SHOWN]
    missing = list(_gaps(reports, "missing"))[:SHOWN_OF_ONE]
    lapsing = sorted(_lapsing(reports), key=lambda row: row["until"])[:SHOWN_OF_ONE]
    return panel(
        "gaps",
        rows=[*failed, *missing, *lapsing],
        count=sum(len(report.gaps) for report in reports),
        is_empty=not reports,
        may_make=may_make,
    )


def _gaps(reports: Sequence[ledger.Summary], status: str) -> Iterator[dict[str, Any]]:
    """Yield the gaps of one finding, those closable here first, regulations taking turns."""
    queues = [
        sorted(
            (gap for gap in report.gaps if gap.status == status),
            key=lambda gap: not gap.closable_here,
        )
        for report in reports
    ]
    for place in range(max(map(len, queues), default=0)):
        for report, queue in zip(reports, queues, strict=True):
            if place < len(queue):
                yield {"report": report, "gap": queue[place]}


def _lapsing(reports: Sequence[ledger.Summary]) -> Iterator[dict[str, Any]]:
    """Yield what people attested and what ends soon, or ended already."""
    soon = timezone.now().date() + SOON
    for report in reports:
        for lapse in report.lapses:
            if lapse.expires <= soon:
                yield {"report": report, "lapse": lapse, "until": lapse.expires}


def regulations(
    reports: Sequence[ledger.Summary], projects: Sequence[Project]
) -> dict[str, Any]:
    """Return a stacked bar for each regulation, the worst first, with its numbers."""
    names = {str(project.pk): project.name for project in projects}
    head = ledger.head(None)
    return panel(
        "regulations",
        findings=FINDINGS,
        rows=[
            {
                "report": report,
                "project": names[report.stream] if len(names) > 1 else "",
                "bars": bars_of(report.worst_first),
                "told": _told(report.worst_first),
                "counted": _told(report.worst_first, with_none=False),
                "since": max(0, head[0] - report.head) if head else 0,
                "is_today": report.made_at.date() == _today(),
            }
            for report in reports
        ],
    )


def _today() -> date:
    return timezone.now().date()


def _told(counts: Sequence[int], *, with_none: bool = True) -> str:
    """Return the bar in words; `with_none` names the findings of which there is none too."""
    pairs = zip(counts, FINDINGS, strict=True)
    return ", ".join(
        f"{count} {word.lower()}" for count, (word, _) in pairs if count or with_none
    )


def bars_of(counts: Sequence[int]) -> list[dict[str, Any]]:
    """Return the parts of a bar: as long as their counts, in the order of the findings."""
    shown = [(c, shape) for c, (_, shape) in zip(counts, FINDINGS, strict=True) if c]
    room = BAR - BETWEEN * max(0, len(shown) - 1) - 1
    bars, x = [], 0.5
    for count, shape in shown:
        width = room * count / sum(counts)
        bars.append({"x": f"{x:.1f}", "width": f"{width:.1f}", "shape": shape, "count": count})
        x += width + BETWEEN
    return bars
