"""Inspection bundles: those that were made, asking for one, watching it, taking it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

import ledger
from ledger.bundle import keeping, making
from ledger.bundle.events import ExportCreated
from ledger.bundle.models import Bundle
from ledger.models import Entry
from ledger.references import ORGANISATION
from ledger.registry import name_of, stream_access
from ledger.web.access import VIEW
from ledger.web.bundle_forms import RECORD, WHOLE, BundleForm, BundleListForm, stream_choices

PAGE = 25
REFUSED = (
    "A bundle holds a project's record and parts of the organisation's; it is open to people"
    " whose roles read both."
)


def exportable(request: HttpRequest) -> dict[str, str]:
    """Return the keys of the streams this person may take away, with their names."""
    keys = {key for access in stream_access for key in access(request.user, VIEW)}
    if ORGANISATION not in keys:
        return {}
    refs = {key: f"accounts.project:{key}" for key in sorted(keys) if key != ORGANISATION}
    named = name_of(list(refs.values()))
    return {key: named[refs[key]] if key in refs else "Organisation" for key in sorted(keys)}


def _exportable_or_403(request: HttpRequest) -> dict[str, str]:
    names = exportable(request)
    if not names:
        raise PermissionDenied(REFUSED)
    return names


def _bundle_or_404(request: HttpRequest, pk: UUID) -> Bundle:
    found = Bundle.objects.filter(pk=pk).first()
    if found is None or not keeping.may_export(request.user, found.stream_key):  # type: ignore[arg-type]  # our user model has a ledger_ref
        raise Http404
    return found


@require_GET
def bundles(request: HttpRequest) -> HttpResponse:
    """List the bundles of streams that this person may take away."""
    names = _exportable_or_403(request)
    form = BundleListForm(request.GET, streams=stream_choices(names))
    visible = Bundle.objects.filter(stream_key__in=names)
    is_valid = form.is_valid()
    found = form.matching(visible) if is_valid else visible.none()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    people = name_of({each.requested_by for each in page})
    entries = _made_at([each.ledger_ref for each in page])
    rows = [
        {
            "bundle": each,
            "stream": names[each.stream_key],
            "scope": keeping.scope_of(each).words,
            "by": people[each.requested_by],
            "entry": entries.get(each.ledger_ref),
        }
        for each in page
    ]
    context = {
        "rows": rows,
        "page_obj": page,
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "ledger/bundles.html", context, status=200 if is_valid else 400)


def _made_at(refs: list[str]) -> dict[str, int]:
    """Return the position of the entry by which each bundle was made, by its reference."""
    made = Entry.objects.filter(
        body__indexed__subject__in=refs, body__indexed__event=ExportCreated.name
    )
    return dict(made.values_list("body__indexed__subject", "seq"))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Offer a stream and what to show of it; a POST begins the bundle and goes to its page."""
    choices = stream_choices(_exportable_or_403(request))
    offered = {"stream": request.GET.get("stream") or choices[0][0], "what": WHOLE}
    if request.GET.get("record"):
        offered |= {"what": RECORD, "record": request.GET["record"][:300]}
    form = BundleForm(request.POST or None, streams=choices, initial=offered)
    if request.method == "POST" and form.is_valid():
        bundle = making.request(form.scope, by=request.user)  # type: ignore[arg-type]  # our user model has a ledger_ref
        making.carry_out_in_background(bundle)
        return redirect("ledger:bundle", bundle.pk)
    context = {"form": form, "choices": choices}
    status = 422 if request.method == "POST" else 200
    return render(request, "ledger/bundle_maker.html", context, status=status)


@require_GET
def bundle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a bundle; while it is being made, how far it is."""
    found = _bundle_or_404(request, pk)
    fragment = request.headers.get("HX-Request") == "true"
    if fragment and found.state == Bundle.State.MADE:
        # The page that waited is replaced as a whole, since there is something to take now.
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    template = "ledger/parts/bundle_progress.html" if fragment else "ledger/bundle.html"
    return render(request, template, _shown(found))


def _shown(found: Bundle) -> dict[str, Any]:
    refs = [found.requested_by, f"accounts.project:{found.stream_key}"]
    named = name_of(refs)
    history = ledger.about(found.ledger_ref)
    takers = name_of({entry.actor for entry in history})
    is_project = found.stream_key != ORGANISATION
    waited = timezone.now() - found.requested_at
    return {
        "bundle": found,
        "stream": named[refs[1]] if is_project else "Organisation",
        "scope": keeping.scope_of(found).words,
        "by": named[found.requested_by],
        "seconds": int(waited.total_seconds()),
        "percent_of": max(found.total, 1),
        "history": [{"entry": entry, "by": takers[entry.actor]} for entry in history],
        "org": ORGANISATION,
    }


@require_GET
def bundle_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Hand out the file, piece by piece; that somebody took it is an entry."""
    found = _bundle_or_404(request, pk)
    try:
        path = keeping.hand_out(found, by=request.user)  # type: ignore[arg-type]  # our user model has a ledger_ref
    except keeping.NotKeptError as error:
        if found.state != Bundle.State.MADE:
            raise Http404 from None
        messages.info(request, str(error))
        return redirect("ledger:bundle", found.pk)
    name = f"ledger-{found.made_at:%Y-%m-%d}-{found.sha256[:12]}.zip"
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=name,
        content_type="application/zip",
        headers={"Cache-Control": "no-store"},
    )
