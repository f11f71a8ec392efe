"""Uploaded files are opened in the background, one after the other, also after a restart.

The queue is the table of files itself.  A worker holds a file by an advisory lock of its
database session, so that one that dies lets go at once and nobody opens a file twice.
"""

from __future__ import annotations

import logging
import threading
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, connection

import ledger
from annotations import batches, ingest, storage
from annotations.image_errors import BlobError
from annotations.import_errors import AlreadySettledError
from annotations.models import ImportBatch, ImportedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK_SPACE = 0x46494C45  # the first half of the advisory locks on files
CANDIDATES = 50
PAUSE_SECONDS = 15.0  # between looks when nobody called, for what another process left
ROLE = "data_manager"

logger = logging.getLogger(__name__)
_called = threading.Event()
_ended = threading.Event()
_starting = threading.Lock()
_workers: list[threading.Thread] = []


def wake() -> None:
    """See to it that waiting files are opened soon; called after an upload and at start.

    With IMPORT_WORKERS 0 another process does it.
    """
    _called.set()
    with _starting:
        _ended.clear()
        _workers[:] = [worker for worker in _workers if worker.is_alive()]
        for _ in range(settings.IMPORT_WORKERS - len(_workers)):
            worker = threading.Thread(target=_work, name="imports", daemon=True)
            worker.start()
            _workers.append(worker)


def rest() -> None:
    """End the workers when nothing is left to open; the next `wake` starts new ones."""
    with _starting:
        _ended.set()
        _called.set()
        for worker in _workers:
            worker.join()
        _workers.clear()


def work_off() -> int:
    """Open every uploaded file that waits and end every batch that is complete.

    Returns how many files got an outcome.  A file whose bytes the store cannot give goes on
    waiting.
    """
    opened, stuck = 0, set[str]()
    while True:
        with _next_file(but_for=stuck) as file:
            if file is None:
                break
            with _origin(file.batch):
                try:
                    ingest.open_upload(file)
                    opened += 1
                except AlreadySettledError:
                    continue
                except BlobError as error:
                    logger.warning("an upload goes on waiting: %s", error.code)
                    stuck.add(str(file.pk))
                except Exception as error:  # noqa: BLE001  one file must not stop the others
                    # its text may hold what the file holds: only its kind is logged
                    logger.error("an upload goes on waiting: %s", type(error).__name__)  # noqa: TRY400
                    stuck.add(str(file.pk))
    end_batches()
    for file in storage.leftovers():
        storage.dispose(file)
    return opened


def end_batches() -> None:
    """End each batch whose files have all arrived and have outcomes."""
    for batch in ImportBatch.objects.filter(finished_at=None).exclude(actor=batches.SYSTEM):
        arrived = batch.files.count() == batch.listed
        if arrived and not batch.files.waiting().exists():
            with _origin(batch):
                batches.finish(batch, by=batch.started_by or batch.actor)


@contextmanager
def _next_file(*, but_for: set[str]) -> Iterator[ImportedFile | None]:
    """Yield the oldest waiting file that nobody else holds, held; None if there is none."""
    waiting = ImportedFile.objects.waiting().exclude(original="").exclude(pk__in=but_for)
    for pk in waiting.order_by("created_at").values_list("pk", flat=True)[:CANDIDATES]:
        if not _lock("pg_try_advisory_lock", pk):
            continue
        try:
            file = waiting.select_related("batch__started_by", "project").filter(pk=pk).first()
            if file is not None:
                yield file
                return
        finally:
            _lock("pg_advisory_unlock", pk)
    yield None


def _lock(function: str, pk: object) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, hashtext(%s))", [LOCK_SPACE, str(pk)])
        return bool(cursor.fetchone()[0])


def _origin(batch: ImportBatch) -> AbstractContextManager[None]:
    role = ROLE if batch.started_by_id else None  # a program holds no role
    return ledger.origin(session=batch.session or None, device=batch.device or None, role=role)


def _work() -> None:
    while not _ended.is_set():
        _called.wait(PAUSE_SECONDS)
        _called.clear()
        try:
            work_off()
        except DatabaseError:
            logger.exception("import waits: the database does not answer")
        finally:
            connection.close()
