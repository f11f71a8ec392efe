"""Small words for the pages of readings: labels of a protocol, look-ups, areas."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template

from annotations.models import Item, Protocol

register = template.Library()
NAMED = 3


@register.filter
def label_names(protocol: Protocol) -> str:
    """Return what a protocol asks to draw: its first labels' meanings."""
    meanings = [label["meaning"] for label in protocol.labels]
    rest = len(meanings) - NAMED
    return ", ".join(meanings[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


@register.filter
def at(found: Mapping[str, Any], key: str) -> Any:
    """Return the value under a key that only the row knows; None if there is none."""
    return found.get(key)


@register.filter
def pixels(area: float) -> str:
    """Return an area in square pixels as text."""
    return f"{area:,.0f} px²"


@register.simple_tag
def local_times(moment: datetime, zone: str) -> str:
    """Return a time in UTC and, where that differs, in the signer's own zone."""
    written = f"{moment:%d %b %Y, %H:%M:%S} UTC"
    if zone in {"UTC", "Etc/UTC"}:
        return written
    local = moment.astimezone(ZoneInfo(zone))
    return f"{written} ({local:%H:%M} in {zone.rpartition('/')[2].replace('_', ' ')})"


@register.filter
def unlocalised(number: float) -> str:
    """Return a number as SVG wants it: a point, and no grouping."""
    return f"{number:g}"


@register.filter
def state_word(state: str) -> str:
    """Return a state's name as people read it."""
    return dict(Item.State.choices).get(state, state)


@register.filter
def component_words(components: Sequence[str]) -> str:
    """Return the parts of a signature (21 CFR 11.200(a)(1)) as people call them."""
    return " and ".join("account" if part == "identifier" else part for part in components)
