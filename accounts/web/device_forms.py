"""The shapes of what people send about machines; which form belongs to which act."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Device, DevicePosture, DeviceSanitisation, Facility
from accounts.models.device_policy import Level
from accounts.web.facility_forms import DAY, person
from accounts.web.forms import REASON, ThemedForm


def why() -> forms.CharField:
    return forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))


def place(label: str = "To") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=120, widget=forms.TextInput({"list": "places"})
    )


def facility() -> forms.ModelChoiceField[Facility]:
    return forms.ModelChoiceField(
        label="Facility", queryset=Facility.objects.all(), required=False, empty_label="None"
    )


def day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(DAY), **more)


class HandOverForm(ThemedForm):
    """To whom and where a machine goes, and why; the receiver confirms."""

    to = person("Received by")
    to_place = place()
    facility = facility()
    reason = why()
    media_erased = forms.BooleanField(
        label="Cached images erased before it moves",
        required=False,
        widget=forms.Select(choices=[(True, "Yes"), (False, "No")]),
    )


class PlaceForm(ThemedForm):
    """Where a machine is from now on, and why."""

    place = place("Place")
    reason = why()


class LostForm(ThemedForm):
    """Since when and how a machine is missing."""

    reason = why()


class DescribeForm(ThemedForm):
    """Whose a machine is, where it stands, its display."""

    owner = forms.CharField(label="Owner (organisation)", max_length=120)
    facility = facility()
    display_class = forms.ChoiceField(
        label="Display class", choices=Device.DisplayClass.choices, required=False
    )
    calibrated_on = day("Display checked on", required=False)
    calibration_due = day("Next check due", required=False)


class PostureForm(ThemedForm):
    """What whoever sends it states about software, disk and lock."""

    system = forms.CharField(label="Operating system", max_length=120)
    patched_on = day("Patched on")
    encryption = forms.ChoiceField(label="Disk", choices=DevicePosture.Encryption.choices)
    screen_lock_minutes = forms.IntegerField(
        label="Screen locks after, minutes", min_value=0, max_value=1440
    )


class SanitiseForm(ThemedForm):
    """How the data went from a medium, and who did it; whoever sends it approves."""

    medium = forms.CharField(
        label="Medium (serial)", max_length=120, help_text="Kept only as a keyed hash."
    )
    method = forms.ChoiceField(
        label="Method (NIST SP 800-88)", choices=DeviceSanitisation.Method.choices
    )
    tool = forms.CharField(label="Tool", max_length=120)
    verification = forms.CharField(label="How it was verified", max_length=200)
    done_by = person("Done by")
    done_on = day("Done on")


class DisposeForm(ThemedForm):
    """How a machine left for good, and who saw it."""

    manner = forms.CharField(label="How", max_length=200)
    certificate_hash = forms.RegexField(
        r"^[0-9a-f]{64}$", label="SHA-256 of the certificate", required=False
    )
    witness = person("Witness")
    reason = why()


class PolicyForm(ThemedForm):
    """What unregistered and mobile devices may do, and why."""

    unregistered = forms.ChoiceField(label="Devices not registered", choices=Level.choices)
    mobile = forms.ChoiceField(label="Mobile devices", choices=Level.choices)
    reason = why()
