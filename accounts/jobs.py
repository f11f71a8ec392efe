"""The clockwork of this app: alerts go out, faults of the record become alerts, roles end.

A thread of the web process, beside the ledger's own.  However many processes have one, each
alert is delivered by one: whoever holds its row.  LEDGER_JOBS off leaves it to the command
`deliver_alerts`.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

import ledger
from accounts import alerts, roles, throttling
from accounts.models import Alert

if TYPE_CHECKING:
    from collections.abc import Callable

GLANCE_SECONDS = 2.0
WATCH_SECONDS = 15.0  # between looks at the record's own alarms
ALARM = "alarm"

logger = logging.getLogger(__name__)
_ended = threading.Event()
_starting = threading.Lock()
_told = threading.Event()
_threads: list[threading.Thread] = []


def wake() -> None:
    """Start delivering in this process; a second call changes nothing."""
    if not settings.LEDGER_JOBS:
        return
    with _starting:
        if any(thread.is_alive() for thread in _threads):
            return
        _ended.clear()
        thread = threading.Thread(target=_work, name="alerts", daemon=True)
        _threads[:] = [thread]
        thread.start()


def rest() -> None:
    """End the thread of this process."""
    with _starting:
        _ended.set()
        for thread in _threads:
            thread.join()
        _threads.clear()


def work_off() -> int:
    """Do once what is due: look at the record, deliver; return how many alerts went out."""
    watch()
    return alerts.deliver_due(timezone.now())


def watch() -> None:
    """Raise an alert for each thing about the record that is in alarm and has none open."""
    for kind, state in ledger.health().items():
        about = f"system:record_{kind}"
        is_told = Alert.objects.open().filter(kind=Alert.Kind.RECORD, about=about).exists()
        if state == ALARM and not is_told:
            alerts.raise_(Alert.Kind.RECORD, about=about)


def _work() -> None:
    watch_at = 0.0
    while not _ended.is_set():
        close_old_connections()
        if time.monotonic() >= watch_at:
            _try(watch)
            _try(lambda: throttling.forget_old(timezone.now()))
            _try(roles.end_expired)
            watch_at = time.monotonic() + WATCH_SECONDS
        _try(lambda: alerts.deliver_due(timezone.now()))
        _ended.wait(GLANCE_SECONDS)
    connections.close_all()


def _tell_once() -> None:
    """Nothing can be recorded, and that is the worst to be told: it goes out all the same."""
    if not _told.is_set() and alerts.tell_unrecorded():
        _told.set()


def _try(work: Callable[[], object]) -> None:
    """Do one thing; whatever goes wrong is told and tried again in its time."""
    try:
        work()
    except ledger.RecordHeldError:
        _tell_once()
    except DatabaseError as error:
        logger.error("alerts wait: %s", type(error).__name__)  # noqa: TRY400  a sentence
    except Exception:  # one fault must not stop those that follow
        logger.exception("alerts failed")
