"""How far a bundle is, for whoever waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import connections

if TYPE_CHECKING:
    from ledger.bundle.models import Bundle

BEAT_SECONDS = 0.5
Progress = Callable[[str, int, int], None]  # a stage, how much is done, of how much


class Beat:
    """Writes how far a bundle is, outside what it reads, at most twice a second."""

    def __init__(self, bundle: Bundle, also: Progress | None) -> None:
        self.bundle, self.also = bundle, also
        self.last, self.stage = 0.0, ""
        self.connection = connections.create_connection("default")

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.also:
            self.also(stage, done, total)
        if stage == self.stage and time.monotonic() - self.last < BEAT_SECONDS:
            return
        self.stage, self.last = stage, time.monotonic()
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE ledger_bundle SET stage = %s, done = %s, total = %s, beat_at = now()"
                " WHERE id = %s",
                [stage, done, total, self.bundle.pk],
            )

    def close(self) -> None:
        self.connection.close()
