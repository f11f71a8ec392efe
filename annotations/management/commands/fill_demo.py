"""manage.py fill_demo: fill the demo project once; a second run keeps what people did."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import ledger
from accounts.models import Project, User
from annotations.management.demo import people, story
from annotations.management.demo.stage import Stage

SLUG = "demo"


class Command(BaseCommand):
    """Open the demo's project, invite its people, take in real images, tell its story."""

    help = "Fill the demo project from real images; prints the accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = settings.DATA_DIR / "demo-accounts.json"
        project = Project.objects.filter(slug=SLUG).first()
        if project is None:
            with transaction.atomic():  # both or neither: without the file nobody signs in
                project, cast = people.invite(SLUG, "Chest and brain reference set")
                people.write_accounts(accounts, cast)
        elif accounts.exists():
            cast = _cast(accounts)
        else:
            raise CommandError(
                f"The demo's project exists, but {accounts.name} is gone from DATA_DIR; "
                "the project and its record are kept as they are."
            )
        stage = Stage(project=project, cast=cast, images=settings.BASE_DIR / "tests" / "data")
        try:
            story.tell(stage)
        except people.WrongPasswordError as error:
            raise CommandError(str(error)) from None
        vkey = ledger.sign_and_anchor()
        self._print(accounts)
        self.stdout.write(
            "The key that signs this record; keep it, and verify bundles with it:"
        )
        self.stdout.write(f"  {vkey}")

    def _print(self, accounts: Path) -> None:
        self.stdout.write("The demo's accounts (also in demo-accounts.json in DATA_DIR):")
        for account in json.loads(accounts.read_text(encoding="utf-8")):
            self.stdout.write(
                f"  {account['role']:<14} {account['email']:<30} {account['password']}"
            )


def _cast(path: Path) -> people.Cast:
    """Read the people back from the file that a first run wrote."""
    accounts = json.loads(path.read_text(encoding="utf-8"))
    users = {user.email: user for user in User.objects.all()}
    return people.Cast(
        users={account["role"]: users[account["email"]] for account in accounts},
        passwords={account["role"]: account["password"] for account in accounts},
    )
