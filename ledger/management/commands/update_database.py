"""update_database: migrate, and write down what changed of guards and event types."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from ledger import event_catalogue, guards

ALIAS = "migrate"
BY = "system:update_database"
FIRST = ("ledger", "0001_core")


class Command(BaseCommand):
    """Guards that differ before any migration ran were changed by somebody else.

    Then nothing is migrated and nothing recorded, so that no update covers up what happened.
    """

    help = "Migrate as ledger_migrate, then record the guards and event types that changed."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        before = _applied()
        if FIRST in before:
            _require_untouched()
        try:
            call_command("migrate", database=ALIAS, verbosity=max(options["verbosity"] - 1, 0))
        finally:  # a migration that fails leaves those before it applied
            self._record(sorted(_applied() - before))
        catalogued = event_catalogue.record(by=BY)
        if catalogued:
            self.stdout.write(
                f"Event types on record: entry #{catalogued.seq()} of {catalogued.stream}."
            )

    def _record(self, migrations: list[tuple[str, str]]) -> None:
        if FIRST not in _applied() or guards.current():
            return
        if guards.unrecorded():
            reason = "As they were set up."
        else:
            named = ", ".join(".".join(migration) for migration in migrations)
            reason = f"Migrated: {named}." if named else "A fingerprint tells more than before."
        receipt = guards.record(by=BY, reason=reason)
        self.stdout.write(f"Guards on record: entry #{receipt.seq()} of {receipt.stream}.")


def _applied() -> set[tuple[str, str]]:
    return set(MigrationRecorder(connections[ALIAS]).applied_migrations())


def _require_untouched() -> None:
    """Raise CommandError, naming what differs, unless the guards are as recorded."""
    faults = [fault for fault in guards.judge() if fault.code == "L901"]
    if faults:
        raise CommandError(
            f"{faults[0].message} No migration did this, so none is applied now. Find out"
            " who did, run verify_ledger and restore them; or, where it was meant, write"
            " them down: record_guards --reason “…”."
        )
