"""Put the end of every role whose time is over on record; it opened nothing meanwhile."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts import roles


class Command(BaseCommand):
    help = "Record the end of roles whose time is over, and remove what they carried. For cron."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{roles.end_expired()} roles ended")
