"""The shapes of what people send about places of work."""

import hashlib
from datetime import UTC
from typing import Any

from django import forms

from accounts.facilities import Description
from accounts.models import Facility, FacilityAttestation, FacilityLog, User
from accounts.web.forms import REASON, ThemedForm

DAY = {"type": "date"}
MOMENT = {"type": "datetime-local"}
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"
LARGEST_FILE = 20 * 1024 * 1024


def person(label: str, **more: Any) -> "forms.ModelChoiceField[User]":
    """Return a field for somebody whose access is open."""
    people = User.objects.filter(is_active=True)
    return forms.ModelChoiceField(label=label, queryset=people, **more)


class DescriptionForm(ThemedForm):
    """How one gets into a place, what may be brought in, who answers for it."""

    location = forms.CharField(
        label="Where", max_length=200, help_text="Site, building, floor."
    )
    access_control = forms.CharField(
        label="How one gets in",
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Badge, key, escort; who keeps the list; what holds at night.",
    )
    mobile_devices = forms.ChoiceField(
        label="Mobile devices", choices=Facility.MobileDevices.choices
    )
    responsible = person("Responsible")
    deputy = person("Deputy", required=False, empty_label="Nobody")

    @property
    def description(self) -> Description:
        """What was typed, as the workflow takes it."""
        names = ("location", "access_control", "mobile_devices", "responsible", "deputy")
        return Description(**{name: self.cleaned_data[name] for name in names})


class FacilityForm(DescriptionForm):
    """A new place of work."""

    title = forms.CharField(label="Name", max_length=120)
    field_order = ["title"]


class ChangeFacilityForm(DescriptionForm):
    """Another description of a place, and why."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))


class AttestationForm(ThemedForm):
    """What a person vouches for, until when, and the file it rests on."""

    statement = forms.ChoiceField(
        label="What you vouch for", choices=FacilityAttestation.Statement.choices
    )
    expires = forms.DateField(
        label="Until", widget=forms.DateInput(DAY), help_text="That day included, UTC."
    )
    evidence = forms.FileField(
        label="File it rests on",
        help_text="Its SHA-256 is kept, not the file: keep that yourself.",
    )

    def clean_evidence(self) -> str:
        """Return the hash of the file, read piece by piece."""
        file = self.cleaned_data["evidence"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("A file of at most 20 MB.")
        hashed = hashlib.sha256()
        for piece in file.chunks():
            hashed.update(piece)
        return hashed.hexdigest()


class LogForm(ThemedForm):
    """A visit or work on the place."""

    kind = forms.ChoiceField(label="What", choices=FacilityLog.Kind.choices)
    comment = forms.CharField(
        label="Who, and what for", max_length=500, widget=forms.TextInput(REASON)
    )
    accompanied_by = person("Accompanied by")
    began_at = forms.DateTimeField(
        label="From, UTC", widget=forms.DateTimeInput(MOMENT, format=MOMENT_FORMAT)
    )
    ended_at = forms.DateTimeField(
        label="Until, UTC", widget=forms.DateTimeInput(MOMENT, format=MOMENT_FORMAT)
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for name in ("began_at", "ended_at"):
            if said.get(name):
                said[name] = said[name].replace(tzinfo=UTC)
        return said


class RangeForm(ThemedForm):
    """A range of a network, what it is for and why; overlaps are shown before asking."""

    cidr = forms.CharField(
        label="Add a range",
        max_length=49,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text="For example 192.0.2.64/27.",
    )
    purpose = forms.CharField(label="What", max_length=120)
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))
    seen = forms.CharField(required=False, max_length=49, widget=forms.HiddenInput)
