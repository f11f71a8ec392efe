"""manage.py send_reminders: mail people what they owe and is overdue; for cron, once a day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import reminders


class Command(BaseCommand):
    """Tell each person what was due from them; exit 1 where a mail was not taken."""

    help = "Mail people what they owe and is overdue."

    def handle(self, *_args: Any, **_options: Any) -> None:
        sent = reminders.send()
        self.stdout.write(f"{sent.told} told.")
        if sent.failed:
            raise CommandError(f"{sent.failed} mails were not taken; look at the mail server.")
