"""Which streams the person at the screen may see."""

import re

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from ledger.models import Stream
from ledger.references import ORGANISATION, key_of
from ledger.registry import name_of, stream_access

KEY = re.compile(r"[a-z0-9][a-z0-9._-]*")
VIEW = "ledger.view_entry"
VERIFY = "ledger.verify"


def visible_streams(request: HttpRequest) -> list[Stream]:
    """Return the streams this person may see, the organisation's first.

    Raises PermissionDenied for somebody who may see none at all.
    """
    keys = {key for access in stream_access for key in access(request.user, VIEW)}
    if not keys:
        raise PermissionDenied("The record is open to people whose role reads it.")
    streams = [stream for stream in Stream.objects.order_by("id") if stream.key in keys]
    return sorted(streams, key=lambda stream: stream.key != ORGANISATION)


def stream_or_404(request: HttpRequest, key: str) -> Stream:
    """Return the stream with this key if the person may see it; else it is not there."""
    if KEY.fullmatch(key):
        for stream in Stream.objects.filter(origin__endswith=f"/{key}"):
            if request.user.has_perm(VIEW, stream):
                return stream
    raise Http404


def stream_names(streams: list[Stream]) -> dict[str, str]:
    """Return what each stream is called, by its origin: the organisation, or a project."""
    refs = {stream.origin: f"accounts.project:{stream.key}" for stream in streams}
    named = name_of([ref for origin, ref in refs.items() if key_of(origin) != ORGANISATION])
    return {origin: named.get(ref, "Organisation") for origin, ref in refs.items()}
