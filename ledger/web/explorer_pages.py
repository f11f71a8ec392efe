"""The explorer: every entry of a stream, in order, found by what it says."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from ledger import alarms, anchors
from ledger.history import head_of
from ledger.models import Entry, Stream
from ledger.references import ORGANISATION
from ledger.web.access import VERIFY, stream_names, visible_streams
from ledger.web.forms import ExplorerForm, facets_of
from ledger.web.lookup import WALKED, look
from ledger.web.rows import rows_of
from ledger.web.verification import panel_of

PAGE = 50
MAX_DIGITS = 16
HASH = re.compile(r"[0-9a-f]{64}")


@require_GET
def explorer(request: HttpRequest) -> HttpResponse:
    """Show a page of a stream's entries; `q` goes straight to a position or a hash."""
    streams = visible_streams(request)
    stream = _chosen(streams, request.GET.get("stream", ""))
    if stream is None:
        return render(request, "ledger/explorer.html", {"streams": [], "names": {}})
    found = _find(stream, request.GET.get("q", "").strip())
    if found is not None:
        return redirect("ledger:entry", stream.key, found)
    form = ExplorerForm(request.GET, facets=facets_of(stream))
    names = stream_names(streams)
    anchored = anchors.status()
    context = {
        "stream": stream,
        "stream_name": names[stream.origin],
        "streams": [(each.key, names[each.origin]) for each in streams],
        "form": form,
        "panel": panel_of(stream, streams),
        "may_verify": request.user.has_perm(VERIFY, stream),
        "is_organisation": stream.key == ORGANISATION,
        "anchors": anchored if stream.key == ORGANISATION else [],
        "alarms": alarms.look(anchored),
        "not_found": request.GET.get("q", ""),
        "may_export": any(each.key == ORGANISATION for each in streams),
    }
    if not form.is_valid():
        return render(request, "ledger/explorer.html", context, status=400)
    return render(request, "ledger/explorer.html", {**context, **_page(form, stream)})


def _chosen(streams: list[Stream], key: str) -> Stream | None:
    """Return the stream asked for, else the first; None while nothing was ever recorded."""
    if not key:
        return next(iter(streams), None)
    for stream in streams:
        if stream.key == key:
            return stream
    raise Http404


def _find(stream: Stream, text: str) -> int | None:
    """Return the position that `text` names: "#1,234", or the whole hash of an entry."""
    entries = Entry.objects.filter(stream=stream)
    number = text.removeprefix("#").replace(",", "")
    if number.isascii() and number.isdigit() and len(number) <= MAX_DIGITS:
        return entries.filter(seq=int(number)).values_list("seq", flat=True).first()
    if HASH.fullmatch(text.lower()):
        exact = entries.filter(hash=bytes.fromhex(text))
        return exact.values_list("seq", flat=True).first()
    return None


def _page(form: ExplorerForm, stream: Stream) -> dict[str, Any]:
    """Return one page, placed by position: it stays put while new entries arrive."""
    told = form.cleaned_data
    head = head_of(stream)
    asked = form.asked(stream, head[0] + 1 if head else 0)
    ascending = told["sort"] == "oldest"
    back = told["before"] is not None
    place = told["before"] if back else told["after"]
    found = look(asked, place=place, ascending=ascending != back, most=PAGE + 1)
    seqs, more = found.seqs[:PAGE], len(found.seqs) > PAGE
    loaded = Entry.objects.select_related("body", "stream").filter(stream=stream, seq__in=seqs)
    entries = sorted(loaded, key=lambda entry: entry.seq, reverse=not ascending)
    first, last = (entries[0].seq, entries[-1].seq) if entries else (None, None)
    return {
        "rows": rows_of(entries),
        "total": "" if found.total is None else f"{found.total:,}",
        "ascending": ascending,
        "before": (first if more else found.onward)
        if back
        else first
        if place is not None
        else None,
        "after": last if back or more else found.onward,
        "onward": found.onward,
        "looked_at": WALKED,
    }
