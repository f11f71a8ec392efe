"""Find what the apps declare to the ledger, when Django starts."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        autodiscover_modules("events", "controls", "probes", "records")
        import_module("ledger.bundle.events")
        import_module("ledger.evidence.events")
        import_module("ledger.checks")
        import_module("ledger.anchors.checks")
        import_module("ledger.signer_checks")
        import_module("ledger.evidence.checks")
