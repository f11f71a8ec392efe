"""Link what could not be linked at COMMIT: at once, or in a thread of the web process."""

import logging
import os
import re
import threading
import time

from django.db import Error, OperationalError, close_old_connections, connection

logger = logging.getLogger(__name__)

_PENDING = re.compile(r"ledger:pending:(\d+)")
_CLOCK = re.compile(r"ledger:clock:(\d+):(\d+)")
RETRY_SECONDS = 1.0
GATHER_SECONDS = 0.003  # a busy stream's entries are linked many at a time, not each alone
LOCK_TIMEOUT = "2s"  # then the next stream's turn; only the thread waits no longer


class _Committed:
    here = False


def has_committed() -> bool:
    """Tell whether this process has appended anything to the record."""
    return _Committed.here


def after_commit() -> None:
    """Act on what the last COMMIT said by NOTICE: bodies wait, or the clock went back."""
    _Committed.here = True
    raw = connection.connection
    if raw is None or not raw.notices:
        return
    notices = raw.notices
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
    for stream in _waiting():
        seal_now(stream)


def _waiting() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT stream FROM ledger.pending")
        return {int(row[0]) for row in cursor.fetchall()}


class _BackgroundSealer(threading.Thread):
    """Seals for the requests of one process, on a connection of its own."""

    def __init__(self) -> None:
        super().__init__(name="ledger-sealer", daemon=True)
        self.process = os.getpid()
        self._waiting: set[int] = set()
        self._changed = threading.Condition()

    def is_here(self) -> bool:
        """Tell whether it lives in this process: a fork leaves it behind."""
        return self.process == os.getpid() and self.is_alive()

    def expects(self, streams: set[int]) -> bool:
        return streams <= self._waiting

    def wake(self, streams: set[int]) -> None:
        with self._changed:
            self._waiting |= streams
            self._changed.notify()

    def run(self) -> None:
        streams, is_new = set[int](), True
        while True:
            if not is_new:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting)
                time.sleep(GATHER_SECONDS)
                with self._changed:
                    streams, self._waiting = self._waiting, set()
            try:
                if is_new:  # the thread before this one may have died with work left
                    streams, is_new = _waiting(), False
                self._seal(streams)
            except Error as error:
                # Nothing is lost: the bodies are durable, and the next append links them too.
                logger.warning("sealing waits for the database: %s", type(error).__name__)
                self.wake(streams)
                threading.Event().wait(RETRY_SECONDS)
            close_old_connections()

    def _seal(self, streams: set[int]) -> None:
        """Link what waits; a stream whose lock somebody sits on must not stop the others."""
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = %s", [LOCK_TIMEOUT])
        held: Error | None = None
        for stream in streams:
            try:
                seal_now(stream)
            except OperationalError as error:  # this lock, or the whole database
                held = error
        if held:
            raise held


class _Background:
    wanted = False
    thread: _BackgroundSealer | None = None
    lock = threading.Lock()


def run_in_background() -> None:
    """Seal in a thread from now on: for a process that answers requests."""
    _Background.wanted = True


def wake(streams: set[int]) -> None:
    """Let the thread link what waits in these streams; start it, or another if it died."""
    if not streams or _is_expecting(_Background.thread, streams):
        return
    with _Background.lock:
        thread = _Background.thread
        if thread is None or not thread.is_here():
            thread = _Background.thread = _BackgroundSealer()
            thread.start()
    thread.wake(streams)


def _is_expecting(thread: _BackgroundSealer | None, streams: set[int]) -> bool:
    """Tell, without a lock, whether a living thread has yet to look at these streams.

    It forgets what it expects before it looks: what is committed by now, it will see.
    """
    return thread is not None and thread.is_here() and thread.expects(streams)


def _seal_or_wake(streams: set[int]) -> None:
    if _Background.wanted:
        wake(streams)
        return
    for stream in streams:
        seal_now(stream)
