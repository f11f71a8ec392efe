"""record_guards: write down how the database guards the record, after a migration."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ledger import guards

BY = "system:record_guards"


class Command(BaseCommand):
    """What differs from the newest such entry fails every later verification."""

    help = "Record the triggers, functions and grants that guard the record, as they are now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        why = parser.add_mutually_exclusive_group(required=True)
        why.add_argument("--reason", help="why they changed")
        why.add_argument(
            "--first", action="store_true", help="at set-up: only if none are on record"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["first"] and not guards.unrecorded():
            return
        receipt = guards.record(by=BY, reason=options["reason"] or "As they were set up.")
        self.stdout.write(f"On record: entry #{receipt.seq()} of {receipt.stream}.")
