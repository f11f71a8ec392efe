"""What may be asked of the reports: which to list, and what a new one is about."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from ledger.evidence import catalogue
from ledger.evidence.making import Period
from ledger.evidence.models import EvidenceReport
from ledger.references import ORGANISATION

EARLIEST_YEAR = 1970


def catalogue_choices() -> list[tuple[str, str]]:
    """Return each catalogue with the name people use, those with most weight first."""
    first = ("21cfr11", "hipaa_security")
    keys = [*first, *(key for key in catalogue.names() if key not in first)]
    return [(key, catalogue.load(key).short) for key in keys]


class ReportListForm(forms.Form):
    """Filters and order of the list of reports."""

    q = forms.CharField(required=False, max_length=20)
    catalogue = forms.ChoiceField(required=False)
    stream = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(
        required=False, choices=[("newest", "Newest first"), ("oldest", "Oldest first")]
    )

    def __init__(self, *args: Any, streams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self.fields["catalogue"], catalogue_choices())
        _set_choices(self.fields["stream"], streams)

    def matching(self, visible: QuerySet[EvidenceReport]) -> QuerySet[EvidenceReport]:
        """Return the reports asked for, in the order asked for."""
        asked = self.cleaned_data
        if asked["q"]:
            visible = visible.filter(name__icontains=asked["q"].strip())
        if asked["catalogue"]:
            visible = visible.filter(catalogue=asked["catalogue"])
        if asked["stream"]:
            visible = visible.filter(stream_key=asked["stream"])
        ascending = asked["sort"] == "oldest"
        return visible.order_by("requested_at" if ascending else "-requested_at", "pk")


class ReportForm(forms.Form):
    """What a new report is about: a regulation, a stream and the days of its period."""

    catalogue = forms.ChoiceField(
        error_messages={"required": "Choose a regulation.", "invalid_choice": "Choose one."}
    )
    stream = forms.ChoiceField()
    since = forms.DateField(required=False, label="From")
    until = forms.DateField(required=False, label="To")

    def __init__(self, *args: Any, streams: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _set_choices(self.fields["catalogue"], catalogue_choices())
        _set_choices(self.fields["stream"], streams)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or begins before there were records."""
        asked = super().clean() or self.cleaned_data
        since, until = asked.get("since"), asked.get("until")
        if since and since.year < EARLIEST_YEAR:
            self.add_error("since", f"Give a year from {EARLIEST_YEAR} on.")
        if since and until and until < since:
            self.add_error("until", "The period ends before it begins; exchange the two days.")
        return asked

    def period(self, whole: Period) -> Period:
        """Return the period asked for; a day left out is that of `whole`."""
        asked = self.cleaned_data
        until = asked["until"] or whole.until
        since = asked["since"] or min(whole.since, until)
        return Period(since=since, until=max(since, until))


def _set_choices(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def stream_choices(keys: list[str], names: dict[str, str]) -> list[tuple[str, str]]:
    """Return what a report can be about: a project with the organisation, or it alone."""
    ordered = sorted(keys, key=lambda key: (key == ORGANISATION, names[key]))
    return [
        (key, "Organisation alone" if key == ORGANISATION else f"{names[key]} and organisation")
        for key in ordered
    ]
