"""The annotations app; the ledger finds its events, controls and records by itself."""

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """Images, what people drew on them, and what was decided about it."""

    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"
