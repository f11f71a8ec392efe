"""What may be asked of the explorer."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms

from ledger.envelope import MICROSECONDS
from ledger.models import Stream
from ledger.registry import name_of
from ledger.web.lookup import Asked, position_at, values

VIEWING = ("image.viewed", "report.viewed", "entry.viewed")
FACETS = ("event", "actor", "device")
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
        for name in FACETS:
            choices = [(named.get(value, value), value) for value in facets[name]]
            self._choice(name).choices = [(value, label) for label, value in sorted(choices)]

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def asked(self, stream: Stream, size: int) -> Asked:
        """Return what is looked for among the first `size` entries of `stream`."""
        told = self.cleaned_data
        lo, hi = 0, size
        if told["since"]:
            lo = position_at(stream, size, _midnight(told["since"]))
        if told["until"]:
            hi = position_at(stream, size, _midnight(told["until"] + timedelta(days=1)))
        asked = Asked(stream, lo, hi)
        for name in FACETS:
            if told[name]:
                asked.is_value(name, told[name])
        about = told["subject"]
        if ":" in about:
            asked.is_value("subject", about)
        elif about:
            asked.begins(about.rpartition(" ")[2])  # "item 9f2c41d8", as the list shows it
        if told["viewing"] == "no":
            asked.hidden = list(VIEWING)
        return asked


def _midnight(day: Any) -> int:
    start = datetime.combine(day, time.min, tzinfo=UTC)
    return int(start.timestamp()) * MICROSECONDS


def facets_of(stream: Stream) -> dict[str, list[str]]:
    """Return the events, actors and devices that occur, at most 500 of each."""
    return {name: values(stream, name, most=_MAX_CHOICES) for name in FACETS}
