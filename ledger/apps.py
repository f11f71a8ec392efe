"""Find what the apps declare to the ledger, when Django starts."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        autodiscover_modules("events", "controls", "records")
        from ledger import checks  # noqa: F401  # importing it registers the checks
