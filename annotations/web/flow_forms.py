"""The forms of assignment, protocol, signing and snapshots: their shape, not their rules."""

from typing import Any

from django import forms

from accounts.models import Membership, Project, User
from annotations.models import Series
from annotations.protocols import MAX_LABELS, SCHEMES, Label

KIND_CHOICES = {"box": ("box",), "polygon": ("polygon",), "both": ("box", "polygon")}


class VersionForm(forms.Form):
    """The version of an item that was on the screen."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class ReopenForm(VersionForm):
    """Why accepted work is given back."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )


class SignForm(VersionForm):
    """Which prepared request is answered, and the proof of who answers."""

    request = forms.UUIDField()
    identifier = forms.CharField(max_length=254)
    password = forms.CharField(max_length=1024, strip=False, widget=forms.PasswordInput)


class FreezeForm(forms.Form):
    """A snapshot's name and its split."""

    name = forms.CharField(
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    split = forms.CharField(
        max_length=11,
        initial="80:10:10",
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric"}),
    )


class AssignForm(forms.Form):
    """Series to be read, and who reads them."""

    annotator = forms.ModelChoiceField(
        User.objects.none(),
        empty_label="Choose a person",
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    series = forms.ModelMultipleChoiceField(
        Series.objects.none(),
        error_messages={"required": "Tick the series that this person reads."},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["annotator"].queryset = annotators_of(project)  # type: ignore[attr-defined]
        self.fields["series"].queryset = Series.objects.filter(  # type: ignore[attr-defined]
            project=project
        ).select_related("project")


def annotators_of(project: Project) -> Any:
    """Return the people who hold the role annotator in the project now."""
    return User.objects.filter(
        memberships__in=Membership.objects.current().filter(project=project, role="annotator")
    ).order_by("printed_name")


class ProtocolForm(forms.Form):
    """A protocol: its name, and one label a line as “code | scheme | meaning | drawn as”."""

    name = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    labels = forms.CharField(
        max_length=10_000,
        widget=forms.Textarea(
            attrs={"class": "form-control", "rows": 8, "spellcheck": "false"}
        ),
    )

    def clean_labels(self) -> list[Label]:
        lines = [line for line in self.cleaned_data["labels"].splitlines() if line.strip()]
        if len(lines) > MAX_LABELS:
            raise forms.ValidationError(f"A protocol has at most {MAX_LABELS} labels.")
        return [_label(number, line) for number, line in enumerate(lines, start=1)]


def _label(number: int, line: str) -> Label:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 4 or not all(parts):  # noqa: PLR2004  the four columns of the form
        raise forms.ValidationError(
            f"Line {number}: write code | scheme | meaning | box, polygon or both."
        )
    value, scheme, meaning, drawn = parts
    if scheme not in SCHEMES:
        raise forms.ValidationError(f"Line {number}: the scheme is {', '.join(SCHEMES)}.")
    if drawn not in KIND_CHOICES:
        raise forms.ValidationError(f"Line {number}: it is drawn as box, polygon or both.")
    color = (number - 1) % 8 + 1
    kinds = KIND_CHOICES[drawn]
    return Label(value=value, scheme=scheme, meaning=meaning, color=color, kinds=kinds)
