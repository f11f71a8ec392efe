"""The sign of life of a long run: how far it is, written while it works and while it thinks."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from django.db import DatabaseError, connections

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ledger.models import VerificationRun

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
_WRITE = """
UPDATE ledger_verificationrun SET checked = %s, total = %s, findings = %s, beat_at = now()
WHERE id = %s
"""


class Heartbeat:
    """Writes how far `run` is, outside its snapshot, twice a second until it ends.

    A thread of its own writes: what comes after the last entry takes long too, and whoever
    watches must not take it for dead.  A database that does not answer stops the run itself.
    """

    def __init__(self, run: VerificationRun) -> None:
        self.run = run
        self.told = (0, 0, 0)
        self.end = threading.Event()
        self.thread = threading.Thread(target=self._beat, name=f"beat-{run.pk}", daemon=True)

    def __call__(self, checked: int, total: int, findings: int) -> None:
        """Take note of how far it is; whatever calls waits for nothing."""
        self.told = (checked, total, findings)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end.set()
        self.thread.join()

    def _beat(self) -> None:
        own = connections.create_connection("default")
        try:
            while not self.end.wait(BEAT_SECONDS):
                with own.cursor() as cursor:
                    cursor.execute(_WRITE, [*self.told, self.run.pk])
        except DatabaseError as error:
            logger.warning("verification: no sign of life: %s", type(error).__name__)
        finally:
            own.close()
