"""Reports as acts: asked for by somebody, built from the entries, set, kept and recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.utils import timezone

from ledger import chain, history, sealer
from ledger.evidence import catalogue, clauses, installed
from ledger.evidence.events import Position, ReportGenerated, ReportRequested
from ledger.evidence.models import EvidenceReport
from ledger.evidence.render import RenderError, page_count, render
from ledger.evidence.report import as_bytes, build_report
from ledger.hashing import sha256_hex
from ledger.models import Entry, Stream
from ledger.references import ORGANISATION, origin_of

if TYPE_CHECKING:
    from ledger.envelope import StoredRecord
    from ledger.references import Actor

MAKE = "ledger.make_report"
MAKER = "system:evidence_report"  # people ask for a report; this makes it
SILENCE = timedelta(minutes=5)  # after this a report still being made was interrupted
_CHUNK = 2000
State = EvidenceReport.State


class PeriodError(ValueError):
    """A period has a beginning that is not after its end."""

    def __init__(self) -> None:
        super().__init__("The period ends before it begins; exchange the two days.")


@dataclass(frozen=True, kw_only=True)
class Period:
    """The days (UTC) a report is about, both included."""

    since: date
    until: date


def whole_period(stream_key: str = ORGANISATION) -> Period:
    """Return the days from the first entry of the streams a report would read until today."""
    today = timezone.now().date()
    origins = [origin for origin, _ in _sizes(stream_key)]
    first = (
        Entry.objects.filter(stream__origin__in=origins, seq=0).order_by("sealed_us").first()
    )
    return Period(since=first.sealed_at.date() if first else today, until=today)


@transaction.atomic
def request(
    key: str, *, stream_key: str = ORGANISATION, period: Period, by: Actor | str
) -> EvidenceReport:
    """Ask for a report on the catalogue `key`; what it will say is settled from here on.

    `stream_key` is "org" or a project's; `by` is a person, or "system:…" for the command
    line.  Raises UnknownCatalogueError, PermissionDenied or PeriodError.
    """
    chosen = catalogue.load(key)
    _require_permission(by, stream_key)

    if period.until < period.since:
        raise PeriodError

    report = EvidenceReport.objects.create(
        catalogue=key,
        stream_key=stream_key,
        requested_by=by if isinstance(by, str) else by.ledger_ref,
        requested_at=timezone.now(),
        period_from=period.since,
        period_to=period.until,
    )

    chain.append(
        ReportRequested(
            report_id=str(report.pk),
            catalogue=key,
            catalogue_sha256=chosen.sha256,
            project=None if stream_key == ORGANISATION else stream_key,
            period_from=period.since.isoformat(),
            period_to=period.until.isoformat(),
            positions=_positions(stream_key),
            installation=installed.installation(),
        ),
        actor=by,
        subject=report,
        reason=None,
    )
    return report


def _require_permission(by: Actor | str, stream_key: str) -> None:
    if isinstance(by, str):
        return
    stream = Stream(origin=origin_of(settings.LEDGER_SITE, stream_key))
    if not by.has_perm(MAKE, stream):  # type: ignore[attr-defined]  # whoever acts on a page is a user
        raise PermissionDenied("Reports on this record are made by people with that role.")


def _sizes(stream_key: str) -> Iterator[tuple[str, int]]:
    """Yield the streams a report reads and how many entries each has now."""
    for key in dict.fromkeys((ORGANISATION, stream_key)):
        newest = history.head(None if key == ORGANISATION else key)
        yield origin_of(settings.LEDGER_SITE, key), newest[0] + 1 if newest else 0


def _positions(stream_key: str) -> tuple[Position, ...]:
    """Return how far the project's stream is read; the organisation's ends at the head."""
    organisation = origin_of(settings.LEDGER_SITE, ORGANISATION)
    return tuple(
        Position(stream=origin, size=size)
        for origin, size in _sizes(stream_key)
        if size and origin != organisation
    )


def carry_out(report: EvidenceReport) -> EvidenceReport:
    """Build, set, keep and record a report that was asked for; one that is made stays as it is.

    Raises RenderError, after noting it with the report; whatever else stops it leaves it to
    be carried out again, with the same bytes.
    """
    if report.state == State.MADE:
        return report
    head = _head(report)
    built = build_report(catalogue.load(report.catalogue), _entries(head), head)
    content = as_bytes(built)
    try:
        pdf = render(content)
    except RenderError as error:
        report.state, report.problem = State.FAILED, str(error)[:2000]
        report.save(update_fields=["state", "problem"])
        raise
    return _keep(report, head.sequence, built, content, pdf)


def carry_out_in_background(report: EvidenceReport) -> None:
    """Do the same in a thread, on a connection of its own; the page asks whether it is made."""

    def work() -> None:
        try:
            carry_out(report)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name=f"report-{report.pk}", daemon=True)
    transaction.on_commit(thread.start)  # it sees nothing of the report before


def _head(report: EvidenceReport) -> StoredRecord:
    """Return the entry that asked for the report; seal it first if it still waits."""
    asked = Entry.objects.filter(
        body__indexed__subject=report.ledger_ref, body__indexed__event=ReportRequested.name
    ).select_related("body", "stream")
    if not asked.exists():
        sealer.seal_everything()
    return history.record_of(asked.get())


def _entries(head: StoredRecord) -> Iterator[StoredRecord]:
    """Yield the entries the head says are read; erased ones have nothing left to read."""
    sizes = {head.stream: head.sequence + 1}
    sizes |= {place["stream"]: place["size"] for place in head.payload["positions"]}
    for origin, size in sizes.items():
        entries = Entry.objects.filter(
            stream__origin=origin, seq__lt=size, body__body__isnull=False
        )
        read = entries.select_related("body", "stream").order_by("seq")
        for entry in read.iterator(chunk_size=_CHUNK):
            yield history.record_of(entry)


@transaction.atomic
def _keep(
    report: EvidenceReport, head: int, built: dict[str, Any], content: bytes, pdf: bytes
) -> EvidenceReport:
    """Store the bytes and record their hashes, unless somebody else just did."""
    report = EvidenceReport.objects.select_for_update().get(pk=report.pk)
    if report.state == State.MADE:
        return report

    report.name = built["report"]["id"]
    report.head = head
    report.counts = built["regulations"][0]["counts"]
    report.report_json, report.report_sha256 = content, sha256_hex(content)
    report.pdf, report.pdf_sha256 = pdf, sha256_hex(pdf)
    report.pages = page_count(pdf)
    report.state, report.problem, report.made_at = State.MADE, "", timezone.now()
    report.save()

    chain.append(
        ReportGenerated(
            report_id=str(report.pk),
            catalogue=report.catalogue,
            project=None if report.stream_key == ORGANISATION else report.stream_key,
            head=head,
            report_sha256=report.report_sha256,
            pdf_sha256=report.pdf_sha256,
            pages=report.pages,
            statuses=clauses.statuses(built["regulations"]),
        ),
        actor=MAKER,
        subject=report,
        reason=None,
    )
    return report
