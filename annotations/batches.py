"""Imports: a batch of files begins, its files arrive one by one, and it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

import ledger
from accounts import data_permissions
from accounts.models import User
from accounts.permissions import require_permission
from annotations import events, project_keys, series, settle, storage
from annotations.imaging import blobs
from annotations.import_errors import (
    BatchFinishedError,
    NumberTakenError,
    StillOpeningError,
    TooManyFilesError,
    UploadTooLargeError,
)
from annotations.models import ImportBatch, ImportedFile

if TYPE_CHECKING:
    from accounts.models import Caller, Project

SYSTEM = "system:import_images"
MAX_FILE_BYTES = 256 * 1024**2
MAX_FILES = 20_000


@transaction.atomic
def begin(
    project: Project,
    *,
    by: User | Caller | str,
    listed: int,
    session: str = "",
    device: str = "",
) -> ImportBatch:
    """Begin an import of `listed` files into `project`.

    `by` is a person, a program, or SYSTEM from the command line; `session` and `device` are
    where it was begun, which the record says of files opened later.  Raises
    PermissionDenied, NotPermittedError or TooManyFilesError; then nothing has begun.
    """
    require_import(by, project)

    data_permissions.require_any(project, purpose=data_permissions.Purpose.ANNOTATION)
    if not 1 <= listed <= MAX_FILES:
        raise TooManyFilesError(MAX_FILES)

    batch = ImportBatch.objects.create(
        project=project,
        started_by=by if isinstance(by, User) else None,
        actor=by if isinstance(by, str) else by.ledger_ref,
        listed=listed,
        session=session,
        device=device,
        created_at=timezone.now(),
    )

    ledger.append(
        events.ImportStarted(batch=batch.ledger_ref, listed=listed), actor=by, subject=batch
    )
    return batch


def receive_upload(
    batch: ImportBatch, *, number: int, content: bytes, by: User | Caller
) -> ImportedFile:
    """Keep the file that is number `number` of `batch`, encrypted, until a job opens it.

    Sent again after a broken connection it is recognised and kept once.  Raises
    PermissionDenied, BatchFinishedError, TooManyFilesError, UploadTooLargeError or
    NumberTakenError.
    """
    require_import(by, batch.project)
    if batch.finished_at:
        raise BatchFinishedError
    if not 1 <= number <= batch.listed:
        raise TooManyFilesError(batch.listed)
    if len(content) > MAX_FILE_BYTES:
        raise UploadTooLargeError(MAX_FILE_BYTES)
    key = project_keys.deidentification_key(batch.project)
    digest = project_keys.keyed_digest(key, content)
    original = storage.keep_original(content)
    file, is_new = ImportedFile.objects.get_or_create(
        batch=batch,
        number=number,
        defaults={
            "project": batch.project,
            "size": len(content),
            "input_digest": digest,
            "original": original,
            "created_at": timezone.now(),
        },
    )
    if not is_new:
        blobs.remove(original)
        if file.input_digest != digest:
            raise NumberTakenError(number)
    return file


@transaction.atomic
def finish(batch: ImportBatch, *, by: User | str) -> None:
    """End `batch`: order the series it brought and say what came of its files, once.

    Does nothing while a file still waits, and nothing for a batch that has ended.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.finished_at or batch.files.waiting().exists():
        return

    for one in series.touched_by(batch):
        series.arrange(one, by=by)
    batch.finished_at = timezone.now()
    batch.save(update_fields=["finished_at"])

    counts = outcomes(batch)
    if counts["imported"] or counts["quarantined"]:
        key = project_keys.deidentification_key(batch.project)
        ledger.append(
            events.DatasetDeidentified(
                batch=batch.ledger_ref,
                images=counts["imported"],
                quarantined=counts["quarantined"],
                **settle.profile(project_keys.key_id(key)),
            ),
            actor=by,
            subject=batch,
        )
    ledger.append(
        events.UploadScanned(
            batch=batch.ledger_ref,
            files=sum(counts.values()),
            imported=counts["imported"],
            quarantined=counts["quarantined"],
            duplicate=counts["duplicate"],
            rejected=counts["rejected"],
        ),
        actor=by,
        subject=batch,
    )


def end_early(batch: ImportBatch, *, by: User) -> None:
    """End `batch` although some of its files never came; they count as not sent.

    Raises PermissionDenied, or StillOpeningError while files wait to be opened.
    """
    require_import(by, batch.project)
    if batch.files.waiting().exists():
        raise StillOpeningError
    finish(batch, by=by)


def outcomes(batch: ImportBatch) -> dict[str, int]:
    """Return how many files of `batch` stand at each status; waiting ones included."""
    counted = dict(batch.files.order_by().values_list("status").annotate(Count("pk")))
    return {status: counted.get(status, 0) for status in ImportedFile.Status.values}


def require_import(by: User | Caller | str, project: Project) -> None:
    """Raise PermissionDenied unless `by` may import into `project`."""
    if by == SYSTEM:
        return  # whoever may start commands on the server
    if isinstance(by, str):
        raise TypeError(f"{by} imports nothing; only {SYSTEM} and people do.")
    require_permission(by, "import_images", project)
