"""What forms about papers share: several choices at once, and a document kept as its digest."""

import hashlib
from typing import Any

from django import forms

from accounts.web.forms import ThemedForm

DAY = {"type": "date"}
LARGEST_DOCUMENT = 64 * 1024**2


class OfficeForm(ThemedForm):
    """A form whose boxes to tick wear the theme's classes too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            ticked = (forms.CheckboxSelectMultiple, forms.CheckboxInput)
            if isinstance(field.widget, ticked):
                field.widget.attrs["class"] = "form-check-input"


class DocumentField(forms.FileField):
    """A file of which only the SHA-256 is taken; the file stays with the organisation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "label": "Document",
                "help_text": "Only its SHA-256 is kept here. The file stays in your archive.",
                **kwargs,
            }
        )

    def clean(self, data: Any, initial: Any = None) -> str:
        """Return the digest in hexadecimal; "" where none is asked for and none came."""
        file: Any = super().clean(data, initial)
        if not file:
            return ""
        if (file.size or 0) > LARGEST_DOCUMENT:
            raise forms.ValidationError("Give a document of 64 MB at most.")
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        return digest.hexdigest()


def day(label: str, **more: Any) -> forms.DateField:
    """Return a field for a day, UTC."""
    return forms.DateField(label=label, widget=forms.DateInput(DAY, format="%Y-%m-%d"), **more)


def several(label: str, choices: Any, **more: Any) -> forms.MultipleChoiceField:
    """Return a field for any number of choices, as boxes to tick."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=forms.CheckboxSelectMultiple, **more
    )
