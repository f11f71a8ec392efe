"""rotate_key: bring a new signing key into force; docs/keys.md says what else to do."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger import rotation
from ledger.signing_keys import SignerError


class Command(BaseCommand):
    help = "Let a new key sign from now on; the old one hands on to it as its last act."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cause", required=True, help="why, for the record")
        parser.add_argument(
            "--compromised",
            action="store_true",
            help="somebody else may have the old key: say so on record first",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            vkey = rotation.rotate(cause=options["cause"], compromised=options["compromised"])
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        except SignerError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The key in force is now, for the whole site:")
        self.stdout.write(vkey)
        if options["compromised"]:
            self.stdout.write(
                "Give this key to everybody who verifies, by another way than a bundle, and"
                " withdraw the old one: docs/keys.md, “Somebody else has the key”."
            )
