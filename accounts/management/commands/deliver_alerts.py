"""Look at the record once and deliver the alerts that are due, where no web process does."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import jobs


class Command(BaseCommand):
    help = "Look at the record and deliver alerts, once. For cron where LEDGER_JOBS is off."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{jobs.work_off()} alerts went out")
