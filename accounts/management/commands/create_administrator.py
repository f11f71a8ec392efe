"""Make the first administrator; everybody else gets an account from an administrator."""

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import people, roles
from accounts.errors.base import AccountsError
from accounts.models import Membership, Role


class Command(BaseCommand):
    help = "Make the first administrator. The record names system:setup as the one who did."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--email", required=True, help="the account name, given once for ever"
        )
        parser.add_argument("--name", required=True, help="as it stands beside signatures")
        parser.add_argument(
            "--time-zone", default="UTC", help="IANA name, such as Europe/Berlin"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Membership.objects.current().filter(role=Role.ADMINISTRATOR).exists():
            raise CommandError(
                "There is an administrator already: they give accounts and roles."
            )
        password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            self._make(options, password)
        except (AccountsError, ValidationError) as refused:
            said = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
            raise CommandError(" ".join(said)) from refused
        self.stdout.write(
            f"{options['name']} is administrator and chooses a password at sign-in."
        )

    @transaction.atomic
    def _make(self, options: dict[str, Any], password: str) -> None:
        person = people.create(
            email=options["email"],
            printed_name=options["name"],
            time_zone=options["time_zone"],
            by=roles.SETUP,
            password=password,
        )
        roles.grant(
            person, role=Role.ADMINISTRATOR, by=roles.SETUP, reason="First administrator"
        )
