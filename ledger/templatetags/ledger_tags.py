"""Template tags for positions, digests and references, in the one form they have everywhere."""

import re
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ledger.registry import stream_access
from ledger.words import lasting

register = template.Library()

ELLIPSIS = " … "
VIEW = "ledger.view_entry"
UNREADABLE = re.compile(r"[0-9a-f-]{16,}")  # identities that are random, not words
SHORT = 14  # characters that need no shortening


@register.simple_tag(takes_context=True)
def position(context: Context, seq: int, stream_key: str = "org") -> SafeString:
    """Name an entry by its position, #47,914; for whoever may open it, as a link."""
    if str(stream_key) not in _open_streams(context):
        return format_html('<span class="pos-plain">#{}</span>', f"{seq:,}")
    url = reverse("ledger:entry", args=[stream_key, seq])
    return format_html('<a class="pos" href="{}">#{}</a>', url, f"{seq:,}")


def _open_streams(context: Context) -> set[str]:
    """Return the keys of the streams this page's person may see, looked up once a request."""
    request: Any = context.get("request")
    if request is None:
        return set()
    if not hasattr(request, "open_streams"):
        request.open_streams = {
            key for access in stream_access for key in access(request.user, VIEW)
        }
    found: set[str] = request.open_streams
    return found


@register.filter
def digest(value: str) -> str:
    """Shorten a digest to its first 8 and last 4 digits."""
    text = str(value)
    return text if len(text) <= SHORT else f"{text[:8]}{ELLIPSIS}{text[-4:]}"


@register.filter
def short_ref(value: str) -> str:
    """Shorten a reference nobody named: "annotations.item:9f2c…" is "item 9f2c41d8".

    Only digits that nobody reads are cut off: a word stays whole, and of an origin the last
    segment.  "system:import" is "the system (import)"; a name stays as it is.
    """
    kind, colon, identity = str(value).partition(":")
    if kind == "system" and colon:
        return f"the system ({identity.replace('_', ' ')})"
    if not colon or "." not in kind or " " in str(value):
        return str(value)
    last = identity.rpartition("/")[2]
    told = last[:8] if UNREADABLE.fullmatch(last) else last.replace("_", " ")
    return f"{kind.rpartition('.')[2].replace('_', ' ')} {told}"


register.filter("lasting", lasting)


@register.filter
def counted(value: int | None) -> str:
    """Write a whole number with its thousands apart, as positions are: 1,010,068."""
    return "" if value is None else f"{value:,}"
