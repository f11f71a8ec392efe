"""What may be asked of bundles: which to list, and what a new one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from ledger.bundle.models import Bundle
from ledger.bundle.scope import Scope, ScopeError
from ledger.references import ORGANISATION

if TYPE_CHECKING:
    from django.db.models import QuerySet

EARLIEST_YEAR = 1970
WHOLE, PERIOD, RECORD = "whole", "period", "record"


def stream_choices(names: dict[str, str]) -> list[tuple[str, str]]:
    """Return what a bundle can be about, projects first."""
    ordered = sorted(names, key=lambda key: (key == ORGANISATION, names[key]))
    return [
        (key, "Organisation alone" if key == ORGANISATION else f"{names[key]} and organisation")
        for key in ordered
    ]


class BundleListForm(forms.Form):
    """Filters and order of the list of bundles."""

    q = forms.CharField(required=False, max_length=64)
    stream = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(
        required=False, choices=[("newest", "Newest first"), ("oldest", "Oldest first")]
    )

    def __init__(self, *args: Any, streams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self.fields["stream"], streams)

    def matching(self, visible: QuerySet[Bundle]) -> QuerySet[Bundle]:
        """Return the bundles asked for, in the order asked for."""
        asked = self.cleaned_data
        if asked["q"]:
            visible = visible.filter(sha256__startswith=asked["q"].strip().lower())
        if asked["stream"]:
            visible = visible.filter(stream_key=asked["stream"])
        ascending = asked["sort"] == "oldest"
        return visible.order_by("requested_at" if ascending else "-requested_at", "pk")


class BundleForm(forms.Form):
    """What a new bundle shows: a stream, and all of it, a period or one record."""

    stream = forms.ChoiceField()
    what = forms.ChoiceField(
        choices=[(WHOLE, "Everything"), (PERIOD, "A period"), (RECORD, "One record")],
        error_messages={"required": "Choose what it shows."},
    )
    since = forms.DateField(required=False, label="From")
    until = forms.DateField(required=False, label="To")
    record = forms.CharField(required=False, max_length=300)

    def __init__(self, *args: Any, streams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self.fields["stream"], streams)

    def clean(self) -> dict[str, Any]:
        """Refuse what is no scope; what was not chosen is left aside."""
        asked = super().clean() or self.cleaned_data
        what = asked.get("what")
        since, until = asked.get("since"), asked.get("until")
        if what == PERIOD and not self.errors:
            if not since and not until:
                self.add_error("since", "Give the first day, the last, or both.")
            if since and since.year < EARLIEST_YEAR:
                self.add_error("since", f"Give a year from {EARLIEST_YEAR} on.")
        if what == RECORD and not asked.get("record"):
            self.add_error("record", "Name the record.")
        if not self.errors:
            try:
                self.scope = self._scope(asked)
            except ScopeError as error:
                self.add_error("record" if what == RECORD else "until", str(error))
        return asked

    def _scope(self, asked: dict[str, Any]) -> Scope:
        what = asked["what"]
        return Scope(
            key=asked["stream"],
            since=asked["since"] if what == PERIOD else None,
            until=asked["until"] if what == PERIOD else None,
            record=asked["record"].strip() if what == RECORD else None,
        )


def _set_choices(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
