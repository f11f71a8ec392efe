"""What may be asked of the explorer."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from ledger.envelope import MICROSECONDS
from ledger.models import Entry, IndexedEntry, Stream
from ledger.registry import name_of

VIEWING = ("image.viewed", "report.viewed", "entry.viewed")
MAX_SEQ = (1 << 63) - 1
_MAX_CHOICES = 500


class ExplorerForm(forms.Form):
    """Filters, order and place in the list; the choices are those the stream holds."""

    stream = forms.CharField(required=False, max_length=128)
    event = forms.ChoiceField(required=False)
    actor = forms.ChoiceField(required=False)
    device = forms.ChoiceField(required=False)
    subject = forms.CharField(required=False, max_length=300)
    since = forms.DateField(required=False, label="From")
    until = forms.DateField(required=False, label="To")
    viewing = forms.ChoiceField(required=False, choices=[("yes", "shown"), ("no", "hidden")])
    sort = forms.ChoiceField(
        required=False, choices=[("newest", "Newest"), ("oldest", "Oldest")]
    )
    before = forms.IntegerField(required=False, min_value=0, max_value=MAX_SEQ)
    after = forms.IntegerField(required=False, min_value=0, max_value=MAX_SEQ)

    def __init__(self, *args: Any, facets: dict[str, list[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        refs = [*facets["actor"], *facets["device"]]
        named = name_of(refs)
        for name in ("event", "actor", "device"):
            choices = [(named.get(value, value), value) for value in facets[name]]
            self._choice(name).choices = [(value, label) for label, value in sorted(choices)]

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def matching(self, stream: Stream) -> QuerySet[Entry]:
        """Return the entries that were asked for, in no order yet."""
        asked = self.cleaned_data
        entries = Entry.objects.filter(stream=stream)
        for name in ("event", "actor", "device"):
            if asked[name]:
                entries = entries.filter(**{f"body__indexed__{name}": asked[name]})
        if asked["subject"]:
            entries = entries.filter(_about(asked["subject"]))
        if asked["viewing"] == "no":
            entries = entries.exclude(body__indexed__event__in=VIEWING)
        if asked["since"]:
            entries = entries.filter(sealed_us__gte=_midnight(asked["since"]))
        if asked["until"]:
            following = asked["until"] + timedelta(days=1)
            entries = entries.filter(sealed_us__lt=_midnight(following))
        return entries


def _about(text: str) -> Q:
    """Find by a whole reference, or by the beginning of the identity within one."""
    if ":" in text:
        return Q(body__indexed__subject=text)
    return Q(body__indexed__subject__contains=f":{text}")


def _midnight(day: Any) -> int:
    start = datetime.combine(day, time.min, tzinfo=UTC)
    return int(start.timestamp()) * MICROSECONDS


def facets_of(stream: Stream) -> dict[str, list[str]]:
    """Return the events, actors and devices that occur, at most 500 of each."""
    indexed = IndexedEntry.objects.filter(stream=stream)
    found = {}
    for name in ("event", "actor", "device"):
        values = indexed.exclude(**{f"{name}__isnull": True}).order_by(name)
        found[name] = list(values.values_list(name, flat=True).distinct()[:_MAX_CHOICES])
    return found
