"""The ledger's own clockwork: checkpoints, anchors, nightly verification, renewal, alarms.

A thread of the web process, or `manage.py run_ledger_jobs` where LEDGER_JOBS is off.  However
many processes have one, one works: it holds an advisory lock of its own database session, and
when it or the database dies another takes over.  Times between acts are monotonic: a clock that
is set, back or forth, delays nothing.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import select
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg2
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, connections

from ledger import alarms, anchors, checkpoints, history, pending, rollback, runs, sealer
from ledger.anchors import renewing
from ledger.bundle import keeping
from ledger.models import VerificationRun
from ledger.notes import Signer
from ledger.signing_keys import SignerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

NIGHTLY = "system:verify_nightly"
LOCK = alarms.CLOCKWORK
STANDBY_SECONDS = 2.0  # between attempts to take over
GLANCE_SECONDS = 1.0  # between looks at what is due; signatures wake it at once
ANCHOR_SECONDS = 10.0
ALARM_SECONDS = 5.0
DAY_SECONDS = 86_400.0

_GROWTH = """
SELECT coalesce(max(coalesce(e.seq + 1, 0) - coalesce(c.size, 0)), 0) FROM ledger.stream s
LEFT JOIN LATERAL (SELECT seq FROM ledger.entry WHERE stream = s.id
    ORDER BY seq DESC LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT size FROM ledger.checkpoint WHERE stream = s.id
    ORDER BY size DESC LIMIT 1) c ON true
"""


class Act:
    """Something done again and again, at least `every` seconds after it was done last."""

    def __init__(self, name: str, every: float, work: Callable[[], object]) -> None:
        self.name, self.every, self.work = name, every, work
        self.due = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self.due

    def carry_out(self) -> None:
        """Do it; whatever goes wrong is told and tried again in its time."""
        try:
            self.work()
        except (SignerError, DatabaseError) as error:
            logger.error("%s waits: %s", self.name, _told(error))  # noqa: TRY400  a sentence
        except Exception:  # one act must not stop the others
            logger.exception("%s failed", self.name)
        self.due = time.monotonic() + self.every


class Clockwork:
    """Carries out what is due until `end` is set, while it is this process's turn."""

    def __init__(self, end: threading.Event) -> None:
        self.end = end
        self.woken = False
        self.checkpoint = Act("signing", float(settings.CHECKPOINT_SECONDS), sign)
        self.watching = Act("the alarms", ALARM_SECONDS, alarms.watch)
        self.acts = [
            self.checkpoint,
            Act("anchoring", ANCHOR_SECONDS, anchors.publish_everything),
            Act("the alarm about waiting entries", ALARM_SECONDS, pending.watch),
            self.watching,
            Act("nightly verification", 60.0, verify_if_due),
            Act("renewal of time stamps", DAY_SECONDS, renewing.renew),
            Act("removing bundles", 60.0, keeping.expire),
        ]

    def run(self) -> None:
        """Work, or stand by while another process works; outlive any fault of the database."""
        while not self.end.is_set():
            try:
                with _session() as session:
                    self._take_turns(session)
            except (DatabaseError, psycopg2.Error) as error:
                logger.warning("the ledger's jobs wait for the database: %s", _told(error))
                self.end.wait(STANDBY_SECONDS)
        connections.close_all()

    def _take_turns(self, session: Any) -> None:
        while not self.end.is_set():
            if _is_ours(session):
                self._work(session)
            else:
                self._stand_by()

    def _stand_by(self) -> None:
        """Wait for a turn, and say when whoever has it does not do the work."""
        close_old_connections()
        if self.watching.is_due():
            self.watching.carry_out()
        self.end.wait(STANDBY_SECONDS)

    def _work(self, session: Any) -> None:
        """Work until the end, or until the session, and with it the lock, is lost."""
        with session.cursor() as cursor:
            cursor.execute(f"LISTEN {checkpoints.WAKE}")
        while not self.end.is_set():
            self.tick()
            select.select([session], [], [], GLANCE_SECONDS)
            session.poll()
            self.woken = bool(session.notifies)
            session.notifies.clear()

    def tick(self) -> None:
        """Carry out what is due now; a wake or many entries make a checkpoint due."""
        close_old_connections()
        signing = self.checkpoint.is_due() or self.woken or _grew_much()
        if signing:
            self.checkpoint.carry_out()
            self.woken = False
        for act in self.acts[1:]:
            if act.is_due() or (signing and act.work is anchors.publish_everything):
                act.carry_out()


def sign() -> None:
    """Sign what grew: the act of the clockwork."""
    checkpoints.sign_everything()


def verify_if_due() -> None:
    """Begin the nightly verification, unless it ran since VERIFICATION_HOUR (UTC) passed.

    A night that was missed is made up for, if there was a record to verify.
    """
    now = datetime.now(UTC)
    due = now.replace(hour=settings.VERIFICATION_HOUR, minute=0, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    began = history.beginning()
    if began is None or began >= due:
        return
    if VerificationRun.objects.filter(started_by=NIGHTLY, started_at__gte=due).exists():
        return
    try:
        run = runs.start(by=NIGHTLY)
    except runs.AlreadyRunningError:
        return  # somebody's own; the nightly one follows in a minute
    runs.carry_out_in_background(run)


def serve() -> None:
    """Look at what was signed, then start the clockwork, unless another process has it.

    Raises SignerError where the signer's folder cannot be believed.
    """
    if settings.LEDGER_JOBS:
        look_at_start()
        run_in_background()


def finish() -> None:
    """Sign what this process has appended: a clockwork may be nowhere; see `ledger.finish`."""
    if not settings.LEDGER_JOBS or not sealer.has_committed():
        return
    try:
        sign()
    except (SignerError, DatabaseError) as error:
        logger.warning("not signed yet: %s", _told(error))


def look_at_start() -> None:
    """Hold the database against what was signed, before the first request is answered.

    A database that was set back is put on record, and nobody writes.  Raises SignerError where
    the signer's folder cannot be believed.
    """
    signer = Signer.of_site()
    if signer.state.history() is None:
        return
    with signer.state.alone():
        found = rollback.look(signer)
        if found:
            rollback.alarm(found)


def run_in_background() -> None:
    """Start the clockwork in a thread of this process; its children start their own."""
    if _Background.process is None:
        os.register_at_fork(after_in_child=_start)
    _start()


class _Background:
    process: int | None = None


def _start() -> None:
    if _Background.process == os.getpid():
        return
    _Background.process = os.getpid()
    threading.Thread(target=_run, name="ledger-jobs", daemon=True).start()


def _run() -> None:
    if multiprocessing.parent_process() is None:  # a pool's process has work of its own
        Clockwork(threading.Event()).run()


@contextmanager
def _session() -> Iterator[Any]:
    """Yield a connection to the database of the clockwork's own, as psycopg2 has it."""
    own = connections.create_connection("default")
    try:
        own.ensure_connection()
        yield own.connection
    finally:
        own.close()


def _is_ours(session: Any) -> bool:
    with session.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [LOCK])
        return bool(cursor.fetchone()[0])


def _grew_much() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_GROWTH)
        return bool(cursor.fetchone()[0] >= settings.CHECKPOINT_ENTRIES)


def _told(error: Exception) -> str:
    """Return what may be logged: our own sentences, but only the kind of another's error."""
    return str(error) if isinstance(error, SignerError) else type(error).__name__
