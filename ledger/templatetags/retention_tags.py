"""Template tags for how long an entry is kept, and for one whose bytes are withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone

from ledger import erasure, retention
from ledger.references import ORGANISATION, key_of
from ledger.registry import period_finders

if TYPE_CHECKING:
    from ledger.registry import Record

register = template.Library()


@register.inclusion_tag("ledger/parts/retention_fact.html")
def retention_fact(record: Record) -> dict[str, Any]:
    """Say which class an entry belongs to, for how long it is kept and whose rule that is."""
    try:
        held = retention.class_of(record.event)
    except LookupError:
        return {"held": None}
    stream = key_of(record.stream)
    project = None if stream == ORGANISATION else stream
    years = max([held.years, *(finder(held.key, project) for finder in period_finders)])
    due = held.due(record.sealed_at, years=years)
    return {
        "held": held,
        "years": years,
        "due": due,
        "is_over": due is not None and due <= timezone.now(),
    }


@register.inclusion_tag("ledger/parts/withheld.html", takes_context=True)
def withheld(context: dict[str, Any], stream_key: str, seq: int) -> dict[str, Any]:
    """Say when and by which entry the bytes of an entry were erased, on what basis."""
    project = None if stream_key == ORGANISATION else stream_key
    told = erasure.erasures(project, [seq]).get(seq)
    return {"told": told, "stream_key": stream_key, "request": context.get("request")}
