"""The shapes of what administrators send about programs and alerts."""

from typing import Any

from django import forms

from accounts.models import Project, User
from accounts.models.service import SCOPE_TITLES
from accounts.services import LONGEST_DAYS
from accounts.web.forms import REASON, ThemedForm

DAYS = [(30, "30 days"), (90, "90 days"), (180, "180 days"), (LONGEST_DAYS, "One year")]


def owner() -> "forms.ModelChoiceField[User]":
    """Return a field for the person who answers for a program."""
    return forms.ModelChoiceField(
        label="Owner",
        queryset=User.objects.filter(is_active=True),
        empty_label="Choose a person",
        help_text="Answers for it. When their access is closed, its tokens open nothing.",
    )


class ServiceForm(ThemedForm):
    """A program: what it is called, what for, who answers, and where it works."""

    name = forms.CharField(label="Name", max_length=80, help_text="Never given twice.")
    purpose = forms.CharField(
        label="What it is for",
        max_length=500,
        widget=forms.TextInput(REASON),
        help_text="The record keeps it.",
    )
    owner = owner()
    project = forms.ModelChoiceField(
        label="Project",
        queryset=Project.objects.all(),
        empty_label="Choose a project",
        help_text="Its tokens open nothing anywhere else.",
    )


class TokenForm(ThemedForm):
    """What a token may do, and for how long."""

    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=list(SCOPE_TITLES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="Valid for", choices=DAYS, coerce=int, initial=DAYS[1][0]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].widget.attrs["class"] = "form-check-input"


class HandOverForm(ThemedForm):
    """Who answers for a program from now on, and why."""

    owner = owner()
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))
