"""The explorer: every entry of a stream, in order, found by what it says."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from ledger import anchors
from ledger.models import Entry, Stream
from ledger.references import ORGANISATION
from ledger.web.access import VERIFY, stream_names, visible_streams
from ledger.web.forms import ExplorerForm, facets_of
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
    context = {
        "stream": stream,
        "stream_name": names[stream.origin],
        "streams": [(each.key, names[each.origin]) for each in streams],
        "form": form,
        "panel": panel_of(stream, streams),
        "may_verify": request.user.has_perm(VERIFY, stream),
        "is_organisation": stream.key == ORGANISATION,
        "anchors": anchors.status() if stream.key == ORGANISATION else [],
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
    asked = form.cleaned_data
    matching = form.matching(stream)
    ascending = asked["sort"] == "oldest"
    back = asked["before"] is not None
    place = asked["before"] if back else asked["after"]
    entries = _slice(matching, place, ascending=ascending != back)
    more = len(entries) > PAGE
    entries = entries[:PAGE]
    if back:
        entries.reverse()
    return {
        "rows": rows_of(entries),
        "total": f"{matching.count():,}",
        "ascending": ascending,
        "before": entries[0].seq if entries and (more if back else place is not None) else None,
        "after": entries[-1].seq if entries and (more or back) else None,
    }


def _slice(matching: QuerySet[Entry], place: int | None, *, ascending: bool) -> list[Entry]:
    """Return a page and one more, from `place` on in this direction."""
    if place is not None:
        matching = matching.filter(**{"seq__gt" if ascending else "seq__lt": place})
    ordered = matching.order_by("seq" if ascending else "-seq")
    return list(ordered.select_related("body", "stream")[: PAGE + 1])
