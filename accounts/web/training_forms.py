"""The shapes of what people send about courses, training and qualifications."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import CourseVersion, Project, Role, User
from accounts.models.training import FULL_SCORE, TRAINED_ROLES
from accounts.qualifications import MOST_YEARS
from accounts.web.forms import REASON, ThemedForm

DAY = {"type": "date"}
REPEATS = [
    ("", "No: whoever passed an older one goes on"),
    ("now", "Yes, at once"),
    ("next_protocol", "Yes, when a project's next protocol version is published"),
]


class DigestField(forms.FileField):
    """A file of which only the SHA-256 is taken; the file itself is not kept."""

    def clean(self, data: Any, initial: Any = None) -> str:
        file = super().clean(data, initial)
        if not file:
            return ""
        found = hashlib.sha256()
        for chunk in file.chunks():
            found.update(chunk)
        return found.hexdigest()


class CourseForm(ThemedForm):
    """A course for the list."""

    title = forms.CharField(label="Title", max_length=200)
    about = forms.CharField(label="What it teaches", max_length=500, required=False)


class VersionForm(ThemedForm):
    """The next version of a course."""

    pass_mark = forms.IntegerField(
        label="Pass mark, of 100", min_value=0, max_value=FULL_SCORE, initial=80
    )
    validity_days = forms.IntegerField(
        label="Holds for days",
        min_value=1,
        max_value=36_500,
        required=False,
        initial=365,
        help_text="Empty: for good.",
    )
    document_hash = DigestField(
        label="Teaching file",
        required=False,
        allow_empty_file=True,
        help_text="Only its SHA-256 is kept.",
    )
    repeat = forms.ChoiceField(
        label="Must it be repeated", choices=REPEATS, required=False, initial=""
    )


class RequirementForm(ThemedForm):
    """Who must have passed a version of a course, and from when on."""

    project = forms.ModelChoiceField(label="Project", queryset=Project.objects.all())
    version = forms.ModelChoiceField(
        label="At least", queryset=CourseVersion.objects.none(), empty_label=None
    )
    role = forms.ChoiceField(
        label="Asked of",
        required=False,
        choices=[
            ("", "Everybody who works on images"),
            *((role, Role(role).label) for role in TRAINED_ROLES),
        ],
    )
    from_protocol = forms.IntegerField(
        label="From protocol version",
        min_value=0,
        max_value=10_000,
        initial=0,
        help_text="0: at once. A later version waits until it is published.",
    )
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))

    def __init__(self, *args: Any, versions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["version"]
        field.queryset = versions


class CompletionForm(ThemedForm):
    """What one person or several did."""

    people = forms.ModelMultipleChoiceField(
        label="Who", queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    version = forms.ModelChoiceField(
        label="Course",
        queryset=CourseVersion.objects.select_related("course"),
        empty_label="Choose",
    )
    score = forms.IntegerField(label="Score, of 100", min_value=0, max_value=FULL_SCORE)
    done_on = forms.DateField(
        label="Done on", widget=forms.DateInput(DAY), initial=lambda: timezone.now().date()
    )
    trainer = forms.CharField(
        label="Trainer", max_length=200, required=False, help_text="Empty: by themselves."
    )
    evidence_hash = DigestField(
        label="Evidence file",
        required=False,
        allow_empty_file=True,
        help_text="A certificate or a list of those present. Only its SHA-256 is kept.",
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = people
        field.widget.attrs["class"] = "form-check-input"


class QualificationForm(ThemedForm):
    """A qualification as its papers say it."""

    specialty = forms.CharField(
        label="Specialty", max_length=120, help_text="For example Diagnostic radiology."
    )
    issuer = forms.CharField(label="Issued by", max_length=200)
    licence = forms.CharField(
        label="Licence number",
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Kept only as a keyed hash.",
    )
    years = forms.IntegerField(label="Years in practice", min_value=0, max_value=MOST_YEARS)
    valid_from = forms.DateField(label="Valid from", widget=forms.DateInput(DAY))
    valid_to = forms.DateField(
        label="Valid to",
        widget=forms.DateInput(DAY),
        required=False,
        help_text="Empty: no end.",
    )


class MethodForm(ThemedForm):
    """How a qualification was checked."""

    method = forms.CharField(
        label="How you checked it",
        max_length=200,
        widget=forms.TextInput(REASON),
        help_text="For example: asked the issuer's register.",
    )
