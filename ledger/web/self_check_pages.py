"""Check it yourself: the two verifiers and the key, for whoever believes nobody."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ledger import checkpoints
from ledger.bundle.verifiers import verifiers
from ledger.hashing import sha256_hex
from ledger.models import Stream
from ledger.references import ORGANISATION, origin_of
from ledger.signing_keys import SignerError
from ledger.web.access import visible_streams

VKEY, NOTE = "key.txt", "checkpoint.note"
KINDS = {
    "verify.py": "text/x-python; charset=utf-8",
    "verify.html": "text/html; charset=utf-8",
    VKEY: "text/plain; charset=utf-8",
    NOTE: "text/plain; charset=utf-8",
}


def _files() -> dict[str, bytes]:
    """Return everything that is offered; key and checkpoint only once there are some."""
    org = origin_of(settings.LEDGER_SITE, ORGANISATION)
    files = dict(verifiers())
    try:
        files[VKEY] = f"{checkpoints.vkey(org)}\n".encode()
    except SignerError:
        return files  # nothing was signed yet, or the signer says why on the ledger page
    stream = Stream.objects.filter(origin=org).first()
    newest = checkpoints.newest(stream) if stream else None
    return files | ({NOTE: newest.note.encode()} if newest else {})


@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Show how to check a bundle without us, with what it takes and its digests."""
    visible_streams(request)
    files = _files()
    context = {
        "files": [
            {"name": name, "sha256": sha256_hex(content), "size": len(content)}
            for name, content in files.items()
        ],
        "vkey": files.get(VKEY, b"").decode().strip(),
    }
    return render(request, "ledger/self_check.html", context)


@require_GET
def check_file(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out one of the files, to be kept: nothing of it runs on this site."""
    visible_streams(request)
    content = _files().get(name)
    if content is None:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=KINDS[name], headers=headers)
