"""Encrypt what was stored before patients had keys of their own."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from annotations import storage


class Command(BaseCommand):
    """Re-encrypt every image under its patient's own key; images stay readable meanwhile."""

    help = "Give each patient's stored images a key of their own, so that it can be destroyed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        quiet = not sys.stderr.isatty()
        images = sum(1 for _ in tqdm(storage.give_owners(), unit="image", disable=quiet))
        self.stdout.write(f"{images:,} images are encrypted under their patients' own keys.")
