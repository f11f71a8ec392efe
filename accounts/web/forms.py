"""The shapes of what people send to these pages; the rules are the workflows'."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms

from accounts.models import Device, Project, Role, User
from accounts.models.role import AUDITOR_DAYS
from accounts.roles import Term

REASON = {"maxlength": 500, "autocomplete": "off"}


class ThemedForm(forms.Form):
    """A form whose fields wear the theme's classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # several of these forms stand on one page, and ids are unique there
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}-%s")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"


class PasswordForm(ThemedForm):
    """The present password and, twice, the new one."""

    old = forms.CharField(
        label="Present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password, 15 characters or more",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("new") != given.get("again"):
            self.add_error("again", "The two new passwords differ.")
        return given


class PersonForm(ThemedForm):
    """A new person: who they are and the password they begin with."""

    printed_name = forms.CharField(
        label="Printed name",
        max_length=200,
        help_text="As it stands beside every signature.",
    )
    email = forms.EmailField(
        label="Account (e-mail)",
        max_length=254,
        help_text="Given once, for ever: never to anybody else.",
    )
    time_zone = forms.CharField(
        label="Time zone", max_length=64, initial="UTC", help_text="For example Europe/Berlin."
    )
    password = forms.CharField(
        label="Password to begin with",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="15 characters or more. They choose their own at the first sign-in.",
    )


class RoleForm(ThemedForm):
    """A role, where it holds, and why it is given."""

    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.ANNOTATOR)
    project = forms.ModelChoiceField(
        label="Project",
        queryset=Project.objects.all(),
        required=False,
        empty_label="Whole organisation",
    )
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))
    ends = forms.DateField(
        label="Ends by itself on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"At 00:00 UTC. Auditors: always, at most {AUDITOR_DAYS} days ahead.",
    )
    longer_because = forms.CharField(
        label="Why an auditor stays longer", max_length=500, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Turn the day into a term."""
        said = super().clean() or {}
        day, because = said.pop("ends", None), said.pop("longer_because", "")
        said["term"] = None
        if day:
            at = datetime.combine(day, time.min, UTC)
            said["term"] = Term(expires_at=at, longer_because=because)
        return said


class ReasonForm(ThemedForm):
    """Why an act is done."""

    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))


class ReplacePasswordForm(ThemedForm):
    """A password for somebody who forgot theirs, and how it is known to be them."""

    password = forms.CharField(
        label="Password to begin with",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    reason = forms.CharField(
        label="How you know it is them", max_length=500, widget=forms.TextInput(REASON)
    )


def holder() -> "forms.ModelChoiceField[User]":
    """Return a field for somebody whose access is open, or nobody."""
    return forms.ModelChoiceField(
        label="In the care of",
        queryset=User.objects.filter(is_active=True),
        required=False,
        empty_label="Nobody",
    )


class DeviceForm(ThemedForm):
    """A machine for the inventory."""

    asset_tag = forms.CharField(label="Asset tag", max_length=40)
    kind = forms.ChoiceField(label="Kind", choices=Device.Kind.choices)
    serial = forms.CharField(
        label="Serial number",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Kept only as a keyed hash.",
    )
    place = forms.CharField(label="Place", max_length=120)
    holder = holder()


class MovementForm(ThemedForm):
    """Where a machine goes, in the same care, and why."""

    from_place = forms.CharField(widget=forms.HiddenInput, max_length=120)
    to_place = forms.CharField(
        label="To", max_length=120, widget=forms.TextInput({"list": "places"})
    )
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))
