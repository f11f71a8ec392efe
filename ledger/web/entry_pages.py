"""One entry: what it says, its bytes, and its place in the chain."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from ledger import hashing
from ledger.models import Entry, Stream
from ledger.references import ORGANISATION
from ledger.web.access import stream_names, stream_or_404, visible_streams
from ledger.web.rows import rows_of
from ledger.web.verification import panel_of
from ledger.words import payload_lines

HISTORY = 6  # entries about the same subject that are listed, in each direction


@require_GET
def entry(request: HttpRequest, key: str, seq: int) -> HttpResponse:
    """Show the entry at position `seq` of the stream called `key`."""
    stream = stream_or_404(request, key)
    loaded = Entry.objects.select_related("body", "stream")
    found = get_object_or_404(loaded, stream=stream, seq=seq)
    beside = _beside(stream, seq)
    (row,) = rows_of([found])
    subject = row.record.subject if row.record else ""
    about = loaded.filter(stream=stream, body__indexed__subject=subject)
    panel = panel_of(stream, visible_streams(request))
    context = {
        "row": row,
        "stream": stream,
        "stream_name": stream_names([stream])[stream.origin],
        "payload": payload_lines(row.record.payload) if row.record else [],
        "body": bytes(found.body.body or b"").decode(errors="replace"),
        "bytes_stored": len(found.body.body or b""),
        "prev_hash": _prev_hash(stream, beside.get(seq - 1), seq),
        "commitment": bytes(found.commitment).hex(),
        "older": seq - 1 if seq - 1 in beside else None,
        "newer": seq + 1 if seq + 1 in beside else None,
        "history": rows_of(_around(about, seq)),
        "panel": panel,
        "proven": panel.checkpoint is not None and seq < panel.checkpoint.size,
        "faults": [fault for fault in (*panel.faults, *panel.rows) if fault["seq"] == seq],
        "is_organisation": stream.key == ORGANISATION,
    }
    return render(request, "ledger/entry.html", context)


def _around(about: QuerySet[Entry], seq: int) -> list[Entry]:
    """Return the entries about one subject that stand nearest to `seq`, newest first."""
    newer = about.filter(seq__gt=seq).order_by("seq")[:HISTORY]
    older = about.filter(seq__lte=seq).order_by("-seq")[:HISTORY]
    return [*reversed(newer), *older]


def _beside(stream: Stream, seq: int) -> dict[int, bytes]:
    """Return the hashes of the entries before and after, where they are."""
    beside = Entry.objects.filter(Q(seq=seq - 1) | Q(seq=seq + 1), stream=stream)
    return {number: bytes(value) for number, value in beside.values_list("seq", "hash")}


def _prev_hash(stream: Stream, stored: bytes | None, seq: int) -> str | None:
    """Return the hash that the entry follows; None where its predecessor is missing."""
    if seq == 0:
        return hashing.first_prev(hashing.origin_id(stream.origin)).hex()
    return stored.hex() if stored else None
