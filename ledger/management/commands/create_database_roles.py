"""create_database_roles: make the roles of a PostgreSQL of your own, once, as its superuser."""

import os
from argparse import ArgumentParser
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from django.core.management.base import BaseCommand, CommandError

from ledger.database_roles import create_database_roles

ADDRESSES = (
    "DATABASE_URL",
    "MIGRATE_DATABASE_URL",
    "SEAL_DATABASE_URL",
    "ERASE_DATABASE_URL",
)
ROLES = ("ledger_app", "ledger_migrate", "ledger_seal", "ledger_eraser")
SUPERUSER = "SUPERUSER_DATABASE_URL"


class Command(BaseCommand):
    """The passwords come from the addresses in the environment, so none is typed or shown."""

    help = f"Make the ledger's roles in the database of {SUPERUSER}."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = (
            f"Set {', '.join(ADDRESSES)} to addresses with the users {', '.join(ROLES)}"
            f" and their passwords, and {SUPERUSER} to that of a superuser."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        passwords = dict(map(_login, ADDRESSES, ROLES))
        superuser = _address(SUPERUSER)
        with (
            closing(psycopg2.connect(superuser)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            create_database_roles(cursor, passwords)
        self.stdout.write(f"The roles are there: {', '.join(passwords)} and ledger_owner.")


def _address(variable: str) -> str:
    address = os.environ.get(variable)
    if not address:
        raise CommandError(f"{variable} is not set.", returncode=2)
    return address


def _login(variable: str, role: str) -> tuple[str, str]:
    parts = urlsplit(_address(variable))
    if parts.username != role or not parts.password:
        raise CommandError(f"{variable} names {role} and its password.", returncode=2)
    return role, unquote(parts.password)
