"""rebuild_index: make what the pages filter by again, from the bodies."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger import index


class Command(BaseCommand):
    help = "Rebuild the search index of the record from its bodies; the record is not touched."

    def handle(self, *args: Any, **options: Any) -> None:
        written = index.rebuild()
        self.stdout.write(f"{written:,} entries indexed.")
