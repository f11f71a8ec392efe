"""adopt_signer_state: the signer lost its memory and takes over the database's checkpoints."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import adoption
from ledger.signing_keys import SignerError


class Command(BaseCommand):
    help = (
        "Check the newest checkpoints in the database and go on signing from them. Compare"
        " them first with those that anchors and witnesses hold: nothing else can tell that"
        " the database was not set back too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="how the memory was lost")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            heads = adoption.adopt(reason=options["reason"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        except SignerError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("Taken over, each checked against its entries:")
        for head in heads:
            self.stdout.write(f"  {head.origin}  {head.size:,} entries  {head.root.hex()}")
