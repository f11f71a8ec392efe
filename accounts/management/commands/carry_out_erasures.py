"""Go on with erasures that were interrupted, and undo what a restored backup brought back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import NotSupportedError, OperationalError

import ledger
from accounts import carrying_out
from accounts.errors.base import AccountsError


class Command(BaseCommand):
    """Carry out what two people approved; destroy again the keys that came back."""

    help = "Finish approved erasures and destroy restored keys; --sweep rewrites old bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sweep",
            action="store_true",
            help="rewrite the tables whose files may keep what was blanked",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        refused = 0
        for request in carrying_out.unfinished():
            try:
                carrying_out.carry_out(request, by=carrying_out.JOB)
            except AccountsError as refusal:
                refused += 1
                self.stderr.write(f"{request}: {refusal}")
            else:
                self.stdout.write(f"{request}: carried out.")
        for name in carrying_out.redo_destructions():
            self.stdout.write(f"The key {name} had come back and was destroyed again.")
        if options["sweep"]:
            self._sweep()
        if refused:
            raise CommandError(f"{refused} approved erasures are refused for now; see above.")

    def _sweep(self) -> None:
        try:
            tables = ledger.sweep()
        except NotSupportedError as error:
            raise CommandError(
                "ledger_eraser may not rewrite the table: PostgreSQL 17 can grant that. Until "
                "then a member of ledger_owner runs VACUUM (FULL)."
            ) from error
        except OperationalError as error:
            raise CommandError(
                "A table was in use for too long, and nothing waits behind a sweep. Try again "
                "when less is going on."
            ) from error
        self.stdout.write(f"Rewritten: {', '.join(tables)}.")
        stayed = sum(tables.values())
        if stayed:
            raise CommandError(
                f"{stayed} old versions of rows stayed, since a transaction that still runs "
                "can see them. Sweep again when it has ended."
            )
