"""Template tags of the account pages."""

from collections.abc import Mapping

from django import template
from django.forms import BoundField, CheckboxSelectMultiple
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def entry_at(positions: Mapping[str, int], ref: str) -> SafeString:
    """Link the newest entry about `ref`, or say that it is not sealed yet."""
    return render_to_string("accounts/entry_at.html", {"seq": positions.get(ref)})


@register.filter
def named(ref: str, names: Mapping[str, str]) -> str:
    """Return the human name of `ref` among `names`; words for what has none."""
    known = names.get(ref, ref)
    if known == "accounts.anonymous:unknown":
        return "An account nobody has"
    return known.removeprefix("system:").replace("_", " ") if known == ref else known


@register.filter
def is_boxes(field: BoundField) -> bool:
    """Tell whether a field is several boxes to tick, which stand in a fieldset."""
    return isinstance(field.field.widget, CheckboxSelectMultiple)
