"""record_guards: write down how the database guards the record, after a migration."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ledger import guards


class Command(BaseCommand):
    help = "Record the triggers, functions and grants that guard the record, as they are now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why they changed")

    def handle(self, *args: Any, **options: Any) -> None:
        receipt = guards.record(by="system:record_guards", reason=options["reason"])
        self.stdout.write(
            f"The guards are on record: entry #{receipt.seq()} of {receipt.stream}."
        )
