"""The shapes of what people send about periods, holds and erasures."""

import re
from typing import Any

from django import forms

import ledger
from accounts.erasure_rules import MOST, Wanted
from accounts.holds import Scope
from accounts.models import ErasureRequest, LegalHold, Project, User
from accounts.permissions import stewarded
from accounts.web.forms import REASON, ThemedForm

POSITIONS = re.compile(r"#?([\d,]*\d)(?:-#?([\d,]*\d))?\Z", re.ASCII)
BETWEEN = re.compile(r"(?<=\d)\s*(?:-|–|to)\s*(?=[#\d])", re.ASCII)
LARGEST = 2**53
DAY = {"type": "date"}


class StewardForm(ThemedForm):
    """A form about one of the streams whose records `by` keeps."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "project" in self.fields:
            field: Any = self.fields["project"]
            field.queryset = stewarded(by)


def project_field() -> "forms.ModelChoiceField[Project]":
    """Return a field for a project; empty means the organisation's own stream."""
    return forms.ModelChoiceField(
        label="Where",
        queryset=Project.objects.none(),
        required=False,
        empty_label="The organisation",
    )


class PeriodForm(StewardForm):
    """A longer period for one class."""

    key = forms.ChoiceField(label="Class")
    project = project_field()
    years = forms.IntegerField(label="Years", min_value=1, max_value=100)
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["key"]
        field.choices = [(e.key, e.title) for e in ledger.retention_classes().values()]


class HoldForm(StewardForm):
    """What is to be held, and why."""

    project = project_field()
    covers = forms.ChoiceField(label="What", choices=LegalHold.Covers.choices)
    subject_ref = forms.CharField(
        label="Subject",
        max_length=300,
        required=False,
        help_text="Its reference in the record, for one subject.",
    )
    first_day = forms.DateField(
        label="From",
        required=False,
        widget=forms.DateInput(DAY),
        help_text="For a period, UTC.",
    )
    last_day = forms.DateField(label="To", required=False, widget=forms.DateInput(DAY))
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.TextInput(REASON),
        help_text="Name the matter, not the people in it.",
    )

    @property
    def scope(self) -> Scope:
        said = self.cleaned_data
        return Scope(
            covers=said["covers"],
            subject_ref=said["subject_ref"],
            first_day=said["first_day"],
            last_day=said["last_day"],
        )


class ErasureForm(StewardForm):
    """What somebody asks to erase, on what basis and why."""

    WHAT = [
        ("positions", "Entries by their positions"),
        ("subject", "Every entry about one subject"),
        (ErasureRequest.Kind.SUBJECT_KEY.value, "The key of a patient: all their images"),
    ]
    GROUNDS = [("period", "Its period is over"), ("duty", "A law asks for it now")]

    project = project_field()
    what = forms.ChoiceField(label="What", choices=WHAT)
    positions = forms.CharField(
        label="Positions",
        max_length=2000,
        required=False,
        help_text="Such as 1,204 or 17-20, parted by spaces or semicolons.",
    )
    subject_ref = forms.CharField(
        label="Subject",
        max_length=300,
        required=False,
        help_text="Its reference in the record, such as annotations.subject:…",
    )
    grounds = forms.ChoiceField(label="On what grounds", choices=GROUNDS)
    basis = forms.CharField(
        label="Legal basis",
        max_length=300,
        widget=forms.TextInput(REASON),
        help_text="The rule and its paragraph. It stays in the record.",
    )
    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.TextInput(REASON),
        help_text="Name nobody: this stays when the entries are gone.",
    )

    def clean_positions(self) -> tuple[int, ...]:
        return positions_in(self.cleaned_data["positions"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("what") == "positions":
            if not said.get("positions") and "positions" not in self.errors:
                self.add_error("positions", "Name at least one position.")
        elif not ledger.is_reference(said.get("subject_ref", "")):
            self.add_error("subject_ref", "Write the reference as app.thing:id.")
        return said

    @property
    def wanted(self) -> Wanted:
        said = self.cleaned_data
        if said["what"] == "positions":
            return Wanted(kind="entries", positions=said["positions"])
        kind = "entries" if said["what"] == "subject" else said["what"]
        return Wanted(kind=kind, subject_ref=said["subject_ref"])


def positions_in(text: str) -> tuple[int, ...]:
    """Return the positions that `text` names; raise ValidationError for anything else."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[;\s]+", BETWEEN.sub("-", text))):
        match = POSITIONS.fullmatch(part)
        if not match:
            raise forms.ValidationError(f"“{part[:40]}” is no position; write 1,204 or 17-20.")
        first, last = (int((each or match[1]).replace(",", "")) for each in match.groups())
        if not first <= last < LARGEST or last - first >= MOST:
            raise forms.ValidationError(f"“{part[:40]}” are no positions, or more than {MOST}.")
        found |= set(range(first, last + 1))
    return tuple(sorted(found))


class AnswerForm(forms.Form):
    """The answer to a signing request: account and password."""

    request = forms.UUIDField()
    identifier = forms.CharField(max_length=254)
    password = forms.CharField(max_length=1024, strip=False)
