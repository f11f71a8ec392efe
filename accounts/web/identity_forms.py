"""The shape of a link between a person and an account at their organisation."""

from typing import Any

from django import forms
from django.conf import settings

from accounts.web.forms import REASON, ThemedForm


class LinkForm(ThemedForm):
    """Who a person is at their organisation, and how that is known."""

    issuer = forms.ChoiceField(label="Organisation")
    subject = forms.CharField(
        label="Subject there",
        max_length=255,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="The claim “sub” of their directory, not the e-mail. Kept as a keyed hash.",
    )
    reason = forms.CharField(
        label="How you know it is them", max_length=500, widget=forms.TextInput(REASON)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        issuer = self.fields["issuer"]
        assert isinstance(issuer, forms.ChoiceField)
        issuer.choices = [(one["issuer"], one["name"]) for one in settings.ORGANISATIONS]
