"""Template tags for positions, digests and references, in the one form they have everywhere."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

ELLIPSIS = " … "
SHORT = 14  # characters that need no shortening


@register.simple_tag
def position(seq: int, stream_key: str = "org") -> SafeString:
    """Link to an entry by its position: #47,914."""
    url = reverse("ledger:entry", args=[stream_key, seq])
    return format_html('<a class="pos" href="{}">#{}</a>', url, f"{seq:,}")


@register.filter
def digest(value: str) -> str:
    """Shorten a digest to its first 8 and last 4 digits."""
    text = str(value)
    return text if len(text) <= SHORT else f"{text[:8]}{ELLIPSIS}{text[-4:]}"


@register.filter
def short_ref(value: str) -> str:
    """Shorten a reference nobody named: "annotations.item:9f2c…" is "item 9f2c41d8".

    "system:import" is "the system (import)"; a name stays as it is.
    """
    kind, colon, identity = str(value).partition(":")
    if kind == "system" and colon:
        return f"the system ({identity.replace('_', ' ')})"
    if not colon or "." not in kind or " " in str(value):
        return str(value)
    return f"{kind.rpartition('.')[2].replace('_', ' ')} {identity[:8]}"
