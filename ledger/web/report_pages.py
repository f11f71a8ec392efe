"""Evidence reports: those that were made, making one, and reading it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import ledger
from ledger.evidence import catalogue, making
from ledger.evidence.models import EvidenceReport
from ledger.evidence.page import STATUSES, context_of
from ledger.history import head as head_of
from ledger.models import Stream
from ledger.references import ORGANISATION, origin_of
from ledger.registry import name_of, stream_access
from ledger.web.access import VIEW
from ledger.web.check_pages import panel_of
from ledger.web.report_forms import ReportForm, ReportListForm, stream_choices

PAGE = 25
STATES = EvidenceReport.State


def _keys(request: HttpRequest, permission: str) -> list[str]:
    return sorted({key for access in stream_access for key in access(request.user, permission)})


def _names(keys: list[str]) -> dict[str, str]:
    refs = {key: f"accounts.project:{key}" for key in keys if key != ORGANISATION}
    named = name_of(list(refs.values()))
    return {key: named[refs[key]] if key in refs else "Organisation" for key in keys}


def _stream(key: str) -> Stream:
    """Return what permissions are asked about; a project may not have an entry yet."""
    return Stream(origin=origin_of(settings.LEDGER_SITE, key))


def _report_or_404(request: HttpRequest, pk: UUID) -> EvidenceReport:
    """Return the report if the person may read the stream it is about; else it is not there."""
    found = EvidenceReport.objects.filter(pk=pk).first()
    if found is None or not request.user.has_perm(VIEW, _stream(found.stream_key)):
        raise Http404
    return found


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """List the reports on streams this person may read."""
    keys = _keys(request, VIEW)
    makeable = _keys(request, making.MAKE)
    if not keys and not makeable:
        raise PermissionDenied(
            "Evidence reports are open to people whose role reads the record."
        )
    names = _names(keys)
    form = ReportListForm(request.GET, streams=stream_choices(keys, names))
    visible = EvidenceReport.objects.filter(stream_key__in=keys).defer("report_json", "pdf")
    is_valid = form.is_valid()
    found = form.matching(visible) if is_valid else visible.none()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    people = name_of({each.requested_by for each in page})
    rows = [
        {
            "report": each,
            "regulation": _short(each.catalogue),
            "scope": names[each.stream_key],
            "by": people[each.requested_by],
            "counts": _counted(each),
        }
        for each in page
    ]
    context = {
        "rows": rows,
        "page_obj": page,
        "form": form,
        "may_make": bool(makeable),
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "ledger/reports.html", context, status=200 if is_valid else 400)


def _short(key: str) -> str:
    return catalogue.load(key).short if key in catalogue.names() else key


def _counted(report: EvidenceReport) -> list[dict[str, Any]]:
    """Return the counts worst first, leaving out those of which there are none."""
    return [
        {"shape": shape, "word": f"{report.counts[status]} {word.lower()}"}
        for status, (shape, word, _) in STATUSES.items()
        if report.counts.get(status)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Offer regulations, scope and period; a POST makes the report and goes to its page."""
    keys = _keys(request, making.MAKE)
    if not keys:
        raise PermissionDenied("Reports are made by people whose role makes them.")
    choices = stream_choices(keys, _names(keys))
    form = ReportForm(request.POST or None, streams=choices)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["stream"]
        report = making.request(
            form.cleaned_data["catalogue"],
            stream_key=key,
            period=form.period(making.whole_period(key)),
            by=request.user,  # type: ignore[arg-type]  # our user model has a ledger_ref
        )
        making.carry_out_in_background(report)
        return redirect("evidence:report", report.pk)
    status = 422 if form.is_bound else 200
    context = _maker(form, choices) | panel_of(request)
    return render(request, "ledger/report_maker.html", context, status=status)


def _maker(form: ReportForm, choices: list[tuple[str, str]]) -> dict[str, Any]:
    """Return each regulation with what its last report found, and the period at hand."""
    made = EvidenceReport.objects.filter(
        state=STATES.MADE, stream_key__in=[key for key, _ in choices]
    ).defer("report_json", "pdf")
    last = {report.catalogue: report for report in made.order_by("made_at")}
    regulations: list[dict[str, Any]] = []
    for key in [key for key, _ in form.fields["catalogue"].choices]:  # type: ignore[attr-defined]  # a ChoiceField
        loaded = catalogue.load(key)
        before = last.get(key)
        regulations.append(
            {
                "catalogue": loaded,
                "last": before,
                "gaps": sum(before.counts.get(s, 0) for s in ("failed", "missing", "partly"))
                if before
                else None,
            }
        )
    organisation = head_of(None)
    return {
        "form": form,
        "regulations": regulations,
        "chosen": form["catalogue"].value() or regulations[0]["catalogue"].key,
        "choices": choices,
        "whole": making.whole_period(choices[0][0]),
        "head": organisation[0] if organisation else None,
    }


@require_GET
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a report, gaps first; while it is being made, how long that has taken."""
    found = _report_or_404(request, pk)
    may_make = request.user.has_perm(making.MAKE, _stream(found.stream_key))
    context: dict[str, Any] = {
        "report": found,
        "regulation_name": _short(found.catalogue),
        "scope": _names([found.stream_key])[found.stream_key],
        "by": name_of([found.requested_by])[found.requested_by],
        "may_make": may_make,
    }
    if found.state != STATES.MADE:
        waited = timezone.now() - found.requested_at
        context |= {
            "seconds": int(waited.total_seconds()),
            "is_silent": waited > making.SILENCE,
        }
        fragment = request.headers.get("HX-Request") == "true"
        template = (
            "ledger/parts/report_progress.html" if fragment else "ledger/report_wait.html"
        )
        return render(request, template, context)
    if request.headers.get("HX-Request") == "true":
        # The page that waited is replaced as a whole, since its report is there now.
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    chosen = request.GET.get("status", "")
    context |= context_of(bytes(found.report_json)) | {
        "links": True,
        "chosen": chosen if chosen in STATUSES else "",
        "opened": request.GET.get("clause", ""),
        "entries": ledger.about(found.ledger_ref),
    }
    return render(request, "ledger/report.html", context)


@require_POST
def finish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Carry out again what was interrupted: the same head gives the same bytes."""
    found = _report_or_404(request, pk)
    if not request.user.has_perm(making.MAKE, _stream(found.stream_key)):
        raise PermissionDenied("Reports are made by people whose role makes them.")
    if found.state != STATES.MADE:
        making.carry_out_in_background(found)
    return redirect("evidence:report", found.pk)


@require_GET
def pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the PDF, byte for byte as it was made."""
    return _file(_made_or_404(request, pk), "pdf", "application/pdf")


@require_GET
def as_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand out the JSON, whose SHA-256 is the report hash."""
    return _file(_made_or_404(request, pk), "json", "application/json")


def _made_or_404(request: HttpRequest, pk: UUID) -> EvidenceReport:
    found = _report_or_404(request, pk)
    if found.state != STATES.MADE:
        raise Http404
    return found


def _file(report: EvidenceReport, ending: str, content_type: str) -> HttpResponse:
    content = bytes(report.pdf if ending == "pdf" else report.report_json)
    name = f"{report.name}-{report.catalogue}.{ending}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
