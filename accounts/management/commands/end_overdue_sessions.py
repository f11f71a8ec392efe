"""End the sessions that reached a limit though their browser never came back."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import sessions


class Command(BaseCommand):
    help = "End sessions that reached a limit and whose browser never came back. For cron."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sessions.end_overdue(timezone.now())} sessions ended")
