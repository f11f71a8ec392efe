"""The form of a decision about a held image: its shape, not its rules."""

from django import forms


class DecisionForm(forms.Form):
    """Let the image in or destroy it, why, and which version was displayed."""

    decision = forms.ChoiceField(
        choices=[("accept", "Release as it is"), ("reject", "Reject and destroy")],
        error_messages={"required": "Choose whether to release or to reject the image."},
    )
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        error_messages={"required": "Say why; the record keeps the reason."},
    )
    version = forms.IntegerField(min_value=1)
