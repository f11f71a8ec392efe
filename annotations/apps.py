"""The annotations app; the ledger finds its events, controls and records by itself."""

from importlib import import_module

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """Images, what people drew on them, and what was decided about it."""

    name = "annotations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell accounts who knows the patients, and who knows the protocols."""
        import_module("annotations.subjects")
        import_module("annotations.protocols")
