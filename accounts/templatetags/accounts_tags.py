"""Template tags of the account pages."""

from collections.abc import Mapping

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def entry_at(positions: Mapping[str, int], ref: str) -> SafeString:
    """Link the newest entry about `ref`, or say that it is not sealed yet."""
    entry = get_template("accounts/entry_at.html")
    return entry.render({"seq": positions.get(ref)})
