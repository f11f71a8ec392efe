"""Take images in: each file is opened in a closed process and ends with one outcome."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.errors.data_permissions import NotPermittedError
from accounts.errors.retention import SubjectErasedError
from annotations import project_keys, series, settle, storage
from annotations.batches import MAX_FILE_BYTES, SYSTEM, begin, finish, require_import
from annotations.image_errors import ImageError
from annotations.imaging import blobs, intake, sandbox
from annotations.import_errors import (
    ArchiveError,
    BatchFinishedError,
    EmptyFileError,
    ErasedPatientError,
    PatientNotPermittedError,
    UploadTooLargeError,
)
from annotations.models import ImportedFile

if TYPE_CHECKING:
    from pathlib import Path

    from accounts.models import User
    from annotations.models import ImportBatch

__all__ = ["SYSTEM", "begin", "examine", "finish", "import_file", "open_upload"]

ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!")


def import_file(batch: ImportBatch, *, number: int, path: Path, by: User | str) -> ImportedFile:
    """Take in the file at `path` now and return it with its outcome.

    Raises PermissionDenied, BatchFinishedError or BlobError; then the file has no outcome.
    """
    require_import(by, batch.project)
    if batch.finished_at:
        raise BatchFinishedError
    size = path.stat().st_size
    file = ImportedFile(
        project=batch.project,
        batch=batch,
        number=number,
        size=size,
        created_at=timezone.now(),
    )
    if size > MAX_FILE_BYTES:
        return settle.reject(file, UploadTooLargeError(MAX_FILE_BYTES), by=by)
    return _take(file, path.read_bytes(), by=by)


def open_upload(file: ImportedFile) -> ImportedFile:
    """Take in an uploaded `file` that waits; return it with its outcome.

    Whoever sent it was allowed to then; the record names them.  Raises BlobError if its bytes
    cannot be read now; then it goes on waiting.
    """
    return _take(file, storage.original(file), by=file.batch.started_by or file.batch.actor)


def _take(file: ImportedFile, content: bytes, *, by: User | str) -> ImportedFile:
    key = project_keys.deidentification_key(file.project)
    file.input_digest = project_keys.keyed_digest(key, content)
    same = settle.same_input(file)
    if same:
        return _settled(settle.skip(file, same_as=same, code="same_file", by=by))
    try:
        _refuse_at_sight(content)
        found = examine(content, key=key, owner_of=partial(series.owner_of, file))
        if found.decision == "clear":
            return _settled(settle.take_in(file, found, by=by))
    except (ImageError, ArchiveError, EmptyFileError, ErasedPatientError) as refusal:
        return _settled(settle.reject(file, refusal, by=by))
    except NotPermittedError as missing:
        return _settled(settle.reject(file, PatientNotPermittedError(str(missing)), by=by))
    file.original = file.original or storage.keep_original(content)
    return _settled(settle.hold(file, found, by=by))


def examine(content: bytes, *, key: bytes, owner_of: intake.OwnerOf) -> settle.Found:
    """Parse, de-identify and decode `content` in a closed process; keep what may be kept.

    It is kept under the patient's own key.  Raises ImageError, or ErasedPatientError for a
    patient whose key was destroyed, and then nothing was kept.
    """
    with sandbox.job_folder() as folder:
        path = folder / "input"
        path.write_bytes(content)
        try:
            received = intake.receive(
                path, folder=folder, key=key, options=settle.OPTIONS, owner_of=owner_of
            )
        except SubjectErasedError:
            raise ErasedPatientError from None
        content = received.clean.read_bytes()
        clean = blobs.put(content, kind="image", owner=received.owner)
    return settle.Found.of(received, clean=clean, key=key)


def _refuse_at_sight(content: bytes) -> None:
    if not content:
        raise EmptyFileError
    if content.startswith(ARCHIVES):
        raise ArchiveError


def _settled(file: ImportedFile) -> ImportedFile:
    storage.dispose(file)
    file.refresh_from_db()
    return file
