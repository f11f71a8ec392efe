"""The shapes of what people send about policies."""

from typing import Any

from django import forms

from accounts.models import Policy, Role
from accounts.policies import Draft
from accounts.web.office_forms import DocumentField, OfficeForm, day, several


class PolicyForm(OfficeForm):
    """A version of a policy: what it says, from when on, who acknowledges it."""

    title = forms.CharField(
        label="Title", max_length=160, help_text="A title that is there gets its next version."
    )
    kind = forms.ChoiceField(label="About", choices=Policy.Kind.choices)
    text = forms.CharField(
        label="What it says",
        required=False,
        max_length=50_000,
        widget=forms.Textarea({"rows": 12}),
    )
    document = DocumentField(required=False)
    valid_from = day("In force from")
    due_days = forms.IntegerField(
        label="Days to acknowledge it", min_value=0, max_value=365, initial=14
    )
    roles = several("Acknowledged by", Role.choices)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and not said["text"].strip() and not said["document"]:
            self.add_error("text", "Write what it says, or give the document.")
        return said

    @property
    def draft(self) -> Draft:
        said = self.cleaned_data
        return Draft(
            text=said["text"].strip(),
            document_hash=said["document"],
            valid_from=said["valid_from"],
            due_days=said["due_days"],
            roles=tuple(said["roles"]),
        )
