"""recover_record: the database was set back for good; say so on record and go on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import recovery
from ledger.signing_keys import SignerError


class Command(BaseCommand):
    help = (
        "Declare, in signed entries, which signed entries are lost for good; writing goes on"
        " afterwards. Restore a newer backup instead wherever there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="what happened, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lost = recovery.recover(reason=options["reason"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        except SignerError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("On record, and signed:")
        for each in lost:
            self.stdout.write(f"  {each}")
