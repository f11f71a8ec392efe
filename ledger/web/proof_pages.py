"""What somebody may take away of one entry: the receipt and the proof, as files."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ledger import checkpoints, single_files
from ledger.models import Stream
from ledger.single_files import NoSuchEntryError, NotYetProvenError
from ledger.web.access import stream_names, stream_or_404

CONFLICT = 409


@require_GET
def proof(request: HttpRequest, key: str, seq: int) -> HttpResponse:
    """Hand out the C2SP proof that the entry is in the signed tree, with its bytes."""
    stream = stream_or_404(request, key)
    try:
        content = single_files.tlog_proof(stream, seq)
    except NoSuchEntryError as error:
        raise Http404 from error
    except NotYetProvenError:
        return _not_yet(request, stream, seq)
    return _file(content, f"{stream.key}-{seq}.tlog-proof", "application/octet-stream")


@require_GET
def receipt(request: HttpRequest, key: str, seq: int) -> HttpResponse:
    """Hand out the receipt of the entry: its place, its hash and, once signed, the proof."""
    stream = stream_or_404(request, key)
    try:
        content = single_files.receipt(stream, seq)
    except NoSuchEntryError as error:
        raise Http404 from error
    return _file(content, f"{stream.key}-{seq}.receipt.json", "application/json")


@require_GET
def checkpoint(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the newest signed note of a stream: what to keep outside, and compare later."""
    stream = stream_or_404(request, key)
    newest = checkpoints.newest(stream)
    if newest is None:
        return _not_yet(request, stream, None)
    return _file(newest.note.encode(), f"{stream.key}.note", "text/plain; charset=utf-8")


def _not_yet(request: HttpRequest, stream: Stream, seq: int | None) -> HttpResponse:
    context = {
        "stream": stream,
        "seq": seq,
        "stream_name": stream_names([stream])[stream.origin],
    }
    return render(request, "ledger/not_yet_proven.html", context, status=CONFLICT)


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    return HttpResponse(
        content,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Type": kind,
        },
    )
