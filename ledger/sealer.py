"""Link what could not be linked at COMMIT: at once, or in a thread of the web process."""

import logging
import os
import re
import threading
from typing import Any

from django.db import Error, close_old_connections, connection

logger = logging.getLogger(__name__)

_PENDING = re.compile(r"ledger:pending:(\d+)")
_CLOCK = re.compile(r"ledger:clock:(\d+):(\d+)")
RETRY_SECONDS = 1.0


def after_commit() -> None:
    """Act on what the last COMMIT said by NOTICE: bodies wait, or the clock went back."""
    notices = connection.connection.notices if connection.connection else []
    if not notices:
        return
    said = "".join(notices)
    notices.clear()
    waiting = {int(stream) for stream in _PENDING.findall(said)}
    if waiting:
        _seal_or_wake(waiting)
    drift = _CLOCK.search(said)
    if drift:
        from ledger import clock  # which appends, and so needs this module first

        clock.note_drift(int(drift[1]), int(drift[2]))


def seal_now(stream: int) -> None:
    """Link whatever waits in the stream with this number."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT ledger.seal(%s)", [stream])
            if cursor.fetchone()[0] <= 0:
                return


def seal_everything() -> None:
    """Link whatever waits in any stream, left by processes that died after their COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT stream FROM ledger.pending")
        waiting = [int(row[0]) for row in cursor.fetchall()]
    for stream in waiting:
        seal_now(stream)


class _BackgroundSealer(threading.Thread):
    """Seals for the requests of one process, on a connection of its own."""

    def __init__(self) -> None:
        super().__init__(name="ledger-sealer", daemon=True)
        self.process = os.getpid()
        self._waiting: set[int] = set()
        self._changed = threading.Condition()

    def wake(self, streams: set[int]) -> None:
        with self._changed:
            self._waiting |= streams
            self._changed.notify()

    def run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                streams, self._waiting = self._waiting, set()
            try:
                for stream in streams:
                    seal_now(stream)
            except Error as error:
                # Nothing is lost: the bodies are durable, and the next append links them too.
                logger.warning("sealing waits for the database: %s", type(error).__name__)
                self.wake(streams)
                threading.Event().wait(RETRY_SECONDS)
            close_old_connections()


class _Background:
    wanted = False
    thread: _BackgroundSealer | None = None
    lock = threading.Lock()


def run_in_background() -> None:
    """Seal in a thread from now on: for a process that answers requests."""
    _Background.wanted = True


def _seal_or_wake(streams: set[int]) -> None:
    if not _Background.wanted:
        for stream in streams:
            seal_now(stream)
        return
    with _Background.lock:
        thread: Any = _Background.thread
        if thread is None or thread.process != os.getpid():  # a fork leaves threads behind
            thread = _Background.thread = _BackgroundSealer()
            thread.start()
    thread.wake(streams)
