"""Opening uploads in the background."""

import uuid

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import User
from annotations import batches, jobs
from annotations.imaging import blobs
from annotations.import_errors import (
    BatchFinishedError,
    NumberTakenError,
    StillOpeningError,
    TooManyFilesError,
)
from annotations.models import ImportBatch, ImportedFile
from tests.annotations.imaged import BROKEN, HELD, make_manager, mr_slices
from tests.factories import make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
Status = ImportedFile.Status


def begun(listed: int = 1) -> tuple[ImportBatch, User]:
    project = make_project()
    manager = make_manager(project)
    return batches.begin(project, by=manager, listed=listed), manager


def upload(batch: ImportBatch, number: int, content: bytes, by: User) -> ImportedFile:
    return batches.receive_upload(batch, number=number, content=content, by=by)


def test_uploads_get_their_outcomes_and_the_batch_ends() -> None:
    batch, manager = begun(3)
    for number, path in enumerate([mr_slices(1)[0], HELD, BROKEN], start=1):
        upload(batch, number, path.read_bytes(), manager)

    opened = jobs.work_off()

    batch.refresh_from_db()
    assert opened == 3
    assert batches.outcomes(batch) == {
        "waiting": 0,
        "imported": 1,
        "quarantined": 1,
        "duplicate": 0,
        "rejected": 1,
    }
    assert batch.finished_at is not None


def test_batch_waits_for_files_that_have_not_arrived() -> None:
    batch, manager = begun(2)
    upload(batch, 1, mr_slices(1)[0].read_bytes(), manager)

    jobs.work_off()

    batch.refresh_from_db()
    assert batch.finished_at is None


def test_upload_waits_encrypted_under_a_name_that_does_not_recognise_it() -> None:
    batch, manager = begun()
    content = mr_slices(1)[0].read_bytes()

    file = upload(batch, 1, content, manager)

    assert file.status == Status.WAITING
    assert file.original != blobs.put(content, kind="original")


def test_file_sent_again_is_kept_once() -> None:
    batch, manager = begun()
    content = HELD.read_bytes()

    first = upload(batch, 1, content, manager)
    again = upload(batch, 1, content, manager)

    assert again.pk == first.pk
    assert blobs.exists(first.original)


def test_another_file_in_the_same_place_is_refused() -> None:
    batch, manager = begun()
    upload(batch, 1, b"one", manager)

    with pytest.raises(NumberTakenError):
        upload(batch, 1, b"other", manager)


@pytest.mark.parametrize("number", [0, 2, 99])
def test_file_beyond_those_listed_is_refused(number: int) -> None:
    batch, manager = begun()

    with pytest.raises(TooManyFilesError):
        upload(batch, number, b"file", manager)


def test_stranger_sends_nothing() -> None:
    batch, _ = begun()

    with pytest.raises(PermissionDenied):
        upload(batch, 1, b"file", make_manager())

    assert not ImportedFile.objects.exists()


def test_import_can_end_without_files_that_never_come() -> None:
    batch, manager = begun(2)
    upload(batch, 1, HELD.read_bytes(), manager)

    with pytest.raises(StillOpeningError):
        batches.end_early(batch, by=manager)
    jobs.work_off()
    batches.end_early(batch, by=manager)

    batch.refresh_from_db()
    assert batch.finished_at is not None
    with pytest.raises(BatchFinishedError):
        upload(batch, 2, b"late", manager)


def test_upload_whose_bytes_are_lost_goes_on_waiting_and_stops_nobody() -> None:
    batch, manager = begun(2)
    lost = upload(batch, 1, HELD.read_bytes(), manager)
    upload(batch, 2, mr_slices(1)[0].read_bytes(), manager)
    blobs.remove(lost.original)

    opened = jobs.work_off()

    lost.refresh_from_db()
    assert (opened, lost.status) == (1, Status.WAITING)


def test_file_that_another_worker_holds_is_left_to_it() -> None:
    batch, manager = begun()
    file = upload(batch, 1, HELD.read_bytes(), manager)

    with held_elsewhere(file.pk):
        assert jobs.work_off() == 0

    assert jobs.work_off() == 1


class held_elsewhere:  # noqa: N801  reads as a word
    """Hold a file as another process's worker does, in a database session of its own."""

    def __init__(self, pk: uuid.UUID) -> None:
        self.pk = pk

    def __enter__(self) -> None:
        given = connection.get_connection_params()
        self.session = psycopg2.connect(
            **{k: v for k, v in given.items() if k not in {"cursor_factory"}}
        )
        with self.session.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_lock(%s, hashtext(%s))", [jobs.LOCK_SPACE, str(self.pk)]
            )

    def __exit__(self, *_: object) -> None:
        with self.session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        self.session.close()
