"""sign_checkpoint: sign what grew, and print the newest signed note."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import checkpoints
from ledger.history import stream_origin
from ledger.signing_keys import SignerError


class Command(BaseCommand):
    help = (
        "Sign the record's streams as far as they grew; print one stream's newest checkpoint."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--stream", metavar="ORIGIN", help="this stream; else all, and the organisation's"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not options["stream"]:
                checkpoints.sign_everything()
            note = checkpoints.sign(options["stream"] or stream_origin(None))
        except checkpoints.NothingToSignError as error:
            raise CommandError(str(error), returncode=2) from None
        except SignerError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(note, ending="")
