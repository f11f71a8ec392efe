"""The shapes of what people send about data permissions."""

from typing import Any

from django import forms

from accounts.data_permissions import Facts
from accounts.models import DataPermission, Project
from accounts.web.forms import REASON
from accounts.web.office_forms import DocumentField, OfficeForm, day, several
from annotations.models import Subject


class SubjectForm(OfficeForm):
    """A form about one subject of a project, by the code it has here."""

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project

    def clean_subject(self) -> str:
        """Return the subject's reference; "" where none is named."""
        code: str = self.cleaned_data["subject"].strip()
        if not code:
            return ""
        found = Subject.objects.filter(project=self.project, code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(f"There is no subject “{code}” in this project.")
        return found.ledger_ref


class PermissionForm(SubjectForm):
    """A paper: what it covers, on what ground, for what, how long."""

    subject = forms.CharField(
        label="Subject",
        max_length=20,
        required=False,
        help_text="Such as SUBJ-0003; empty for the whole collection.",
    )
    basis = forms.ChoiceField(label="Basis", choices=DataPermission.Basis.choices)
    basis_reference = forms.CharField(
        label="Consent form or waiver",
        max_length=200,
        help_text="Its number and version; name no patient.",
    )
    ethics_approval = forms.CharField(
        label="Ethics approval", max_length=200, help_text="The committee and its number."
    )
    terms = forms.CharField(
        label="Data-use terms", max_length=500, widget=forms.TextInput(REASON)
    )
    purposes = several(
        "May be used for", DataPermission.Purpose.choices, initial=DataPermission.Purpose.values
    )
    valid_from = day("From")
    expires_on = day("Until, included")
    document = DocumentField()

    @property
    def facts(self) -> Facts:
        said = self.cleaned_data
        return Facts(
            basis=said["basis"],
            basis_reference=said["basis_reference"].strip(),
            ethics_approval=said["ethics_approval"].strip(),
            terms=said["terms"].strip(),
            purposes=tuple(said["purposes"]),
            valid_from=said["valid_from"],
            expires_on=said["expires_on"],
            document_hash=said["document"],
        )


class WithdrawalForm(SubjectForm):
    """Whose data are not to be used any more, and why."""

    subject = forms.CharField(label="Subject", max_length=20, help_text="Such as SUBJ-0003.")
    reason = forms.CharField(
        label="Why", max_length=500, widget=forms.TextInput(REASON), help_text="Name nobody."
    )
