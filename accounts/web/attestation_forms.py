"""The shapes of what people send about attestations."""

from typing import Any

from django import forms

from accounts.attestations import Word
from accounts.clauses import Clause
from accounts.models import Attestation, User
from accounts.web.forms import REASON
from accounts.web.office_forms import DocumentField, OfficeForm, day

Answer = Attestation.Answer


class AttestationForm(OfficeForm):
    """What somebody vouches for, on what grounds, until when."""

    statement = forms.ChoiceField(label="Statement")
    grounds = forms.CharField(
        label="On what grounds",
        max_length=500,
        widget=forms.TextInput(REASON),
        help_text="What you looked at and where; name no patient.",
    )
    evidence = DocumentField(label="Evidence file", required=False)
    expires = day("Until, included")
    owner = forms.ModelChoiceField(
        label="Renewed by",
        queryset=User.objects.filter(is_active=True).order_by("printed_name"),
        empty_label=None,
    )

    def __init__(self, *args: Any, clause: Clause, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clause = clause
        said = [(str(place), text) for place, text in enumerate(clause.statements)]
        field: Any = self.fields["statement"]
        field.choices = [*said, ("void", "This clause does not apply here")]

    @property
    def word(self) -> Word:
        said = self.cleaned_data
        voids = said["statement"] == "void"
        return Word(
            answer=Answer.NOT_APPLICABLE if voids else Answer.ATTESTED,
            statement=self.clause.text
            if voids
            else self.clause.statements[int(said["statement"])],
            grounds=said["grounds"],
            evidence_hash=said["evidence"],
            expires=said["expires"],
            owner=said["owner"],
        )
