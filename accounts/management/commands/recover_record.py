"""recover_record: the database was set back for good; two people say so and go on."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

import ledger
from accounts import recovery
from accounts.errors.base import AccountsError
from accounts.recovery import Credentials


class Command(BaseCommand):
    """Ask both people for their passwords, then declare the recovery in their names."""

    help = (
        "Declare, in signed entries, which signed entries are lost for good; writing goes on"
        " afterwards. Two people who keep the organisation's records answer, each with their"
        " password. Restore a newer backup instead wherever there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True, help="what happened, for the record")
        parser.add_argument("--by", required=True, help="account name of who declares it")
        parser.add_argument(
            "--approved-by", required=True, help="account name of the second person"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        by, approved_by = (self._ask(options[who]) for who in ("by", "approved_by"))
        try:
            lost = recovery.recover(by=by, approved_by=approved_by, reason=options["reason"])
        except (AccountsError, PermissionDenied, ledger.RecoveryRefusedError) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        self.stdout.write("On record, and signed:")
        for each in lost or ["Nothing is lost any more; the record is held no longer."]:
            self.stdout.write(f"  {each}")

    def _ask(self, identifier: str) -> Credentials:
        """Ask for a password, unseen; without a terminal each is a line of standard input."""
        if sys.stdin.isatty():
            return Credentials(identifier, getpass(f"Password of {identifier}: "))
        return Credentials(identifier, sys.stdin.readline().rstrip("\n"))
