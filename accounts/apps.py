"""The accounts app: what it tells the ledger at start."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, roles, sessions, devices and signing."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the ledger who knows people, devices and projects by name."""
        import_module("accounts.naming")
