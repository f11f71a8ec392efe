"""Taking images in."""

import io
import logging
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

import ledger
from accounts.models import Role
from annotations import batches, ingest
from annotations.imaging import blobs
from annotations.import_errors import BatchFinishedError, TooManyFilesError
from annotations.models import ImportBatch, ImportedFile, Series
from tests.annotations.imaged import (
    BROKEN,
    HELD,
    changed,
    image_of,
    make_held,
    make_manager,
    make_real_series,
    mr_slices,
    stored,
    take_in,
)
from tests.annotations.images import DATA, below
from tests.factories import make_project, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
Status = ImportedFile.Status
CANARY = "ZYXCANARY"
KEPT = "QWVKEPT"


def test_clear_image_is_stored_cleaned_and_recorded_with_what_was_done(
    seal_now: Callable[[], None],
) -> None:
    (file,) = take_in(*mr_slices(1))
    seal_now()

    image = image_of(file)
    assert (file.status, file.reason) == (Status.IMPORTED, "")
    clean = pydicom.dcmread(io.BytesIO(blobs.get(image.file_sha256)))
    assert clean.PatientIdentityRemoved == "YES"
    ingested, *_ = (
        entry
        for entry in ledger.about(image.ledger_ref, stream=image.ledger_stream)
        if entry.event == "image.ingested"
    )
    payload = ingested.payload
    assert payload["file_sha256"] == image.file_sha256
    assert payload["pixel_hash"] == image.pixel_sha256
    assert payload["table_edition"] == "2026c"
    assert payload["options"] == ["113107"]
    assert payload["pixel_decision"] == "clear"
    assert sum(payload["counts"].values()) > 0


def test_original_is_destroyed_with_its_outcome(store: Path) -> None:
    (file,) = take_in(*mr_slices(1))

    image = image_of(file)
    kept = {image.file_sha256, image.thumbnail, *image.renditions}
    assert stored(store) == kept
    assert (file.original, file.received) == ("", "")


def test_series_is_ordered_in_space_and_named_by_coded_facts() -> None:
    series = make_real_series(slices=20)

    assert (series.is_volume, series.plane, series.frames) == (True, "axial", 20)
    assert series.title == "MR, axial, 20 slices"
    assert series.slice_spacing.startswith("6.9")
    orders = series.instances.order_by("order").values_list("order", flat=True)
    assert list(orders) == list(range(20))


def test_series_has_one_order_in_whatever_order_its_files_come() -> None:
    forward = make_real_series(slices=5)
    (*files,) = take_in(*reversed(mr_slices(5)))

    backward = Series.objects.get(pk=image_of(files[0]).series_id)
    assert _pixels(forward) == _pixels(backward)


def _pixels(series: Series) -> list[str]:
    images = {str(image.pk): image.pixel_sha256 for image in series.instances.all()}
    return [images[pk] for pk, _ in series.slices]


def test_image_that_may_show_a_name_is_held_and_its_original_kept_encrypted(
    store: Path, seal_now: Callable[[], None]
) -> None:
    file = make_held()
    seal_now()

    assert (file.status, file.instance) == (Status.QUARANTINED, None)
    assert file.reason_code
    assert file.original in stored(store)
    assert (
        HELD.read_bytes()[-500:] not in (store / file.original[:2] / file.original).read_bytes()
    )
    (entry,) = ledger.about(file.ledger_ref, stream=file.ledger_stream)
    assert (entry.event, entry.payload["reason_code"]) == (
        "image.quarantined",
        file.reason_code,
    )


def test_held_file_is_not_yet_marked_as_free_of_identity() -> None:
    file = make_held()

    found = ledger.parse(file.received.encode())
    clean = pydicom.dcmread(io.BytesIO(blobs.get(found["clean"])))
    assert clean.get("PatientIdentityRemoved", "") != "YES"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("hostile/fuzz/TC0285_buf_half.dcm", "image_damaged"),
        ("hostile/fuzz/TC0383_no_dicm.dcm", "image_format_unknown"),
        ("hostile/bomb/rle_claims_4TB.dcm", "image_too_large"),
        ("hostile/bomb/deflate_256MiB.dcm", "image_too_large"),
        ("hostile/fuzz/TC0309_bits_ba_three.dcm", "image_unsupported"),
        ("seg_sr/sr_document.dcm", "image_without_pixels"),
    ],
)
def test_file_that_is_no_sound_image_is_rejected_and_nothing_of_it_kept(
    name: str, code: str, store: Path, seal_now: Callable[[], None]
) -> None:
    (file,) = take_in(DATA / name)
    seal_now()

    assert (file.status, file.reason_code) == (Status.REJECTED, code)
    assert file.reason.endswith(".")
    assert stored(store) == set()
    (entry,) = ledger.about(file.ledger_ref, stream=file.ledger_stream)
    assert (entry.event, entry.payload["reason_code"]) == ("import.rejected", code)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"PK\x03\x04zip", "archive"),
        (b"MZ\x90program", "image_format_unknown"),
    ],
)
def test_what_is_no_image_at_sight_is_rejected(
    content: bytes, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    (file,) = take_in(path)

    assert (file.status, file.reason_code) == (Status.REJECTED, code)


def test_every_file_of_a_batch_has_one_outcome_and_they_add_up(
    seal_now: Callable[[], None],
) -> None:
    paths = [*mr_slices(2), mr_slices(1)[0], HELD, BROKEN]

    files = take_in(*paths)
    seal_now()

    batch = ImportBatch.objects.get()
    counts = batches.outcomes(batch)
    assert sum(counts.values()) == batch.listed == len(files)
    entries = ledger.about(batch.ledger_ref, stream=batch.ledger_stream)
    assert [entry.event for entry in entries] == [
        "import.started",
        "dataset.deidentified",
        "upload.scanned",
    ]
    scanned = entries[-1].payload
    assert (scanned["imported"], scanned["quarantined"]) == (2, 1)
    assert (scanned["duplicate"], scanned["rejected"]) == (1, 1)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DATA_MANAGER])
def test_other_roles_import_nothing(role: str) -> None:
    project = make_project()
    person = make_user(role=role, project=project)

    with pytest.raises(PermissionDenied):
        ingest.begin(project, by=person, listed=1)

    assert not ImportBatch.objects.exists()


def test_manager_of_another_project_imports_nothing_here() -> None:
    with pytest.raises(PermissionDenied):
        ingest.begin(make_project(), by=make_manager(), listed=1)


def test_finished_batch_takes_no_more_files() -> None:
    project = make_project()
    manager = make_manager(project)
    batch = ingest.begin(project, by=manager, listed=1)
    ingest.finish(batch, by=manager)
    batch.refresh_from_db()

    with pytest.raises(BatchFinishedError):
        ingest.import_file(batch, number=1, path=HELD, by=manager)


@pytest.mark.parametrize("listed", [0, -1, batches.MAX_FILES + 1])
def test_batch_lists_a_sensible_number_of_files(listed: int) -> None:
    project = make_project()

    with pytest.raises(TooManyFilesError):
        ingest.begin(project, by=make_manager(project), listed=listed)


@pytest.mark.parametrize("source", [mr_slices(1)[0], HELD, BROKEN])
def test_planted_name_is_nowhere_afterwards(
    source: Path,
    tmp_path: Path,
    store: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    planted = changed(
        source,
        tmp_path / f"{CANARY}.dcm",
        PatientName=f"{CANARY}^ANNA",
        PatientID=f"{CANARY}-77",
        InstitutionName=f"{CANARY} HOSPITAL",
        ReferringPhysicianName=f"DR^{CANARY}",
        SeriesDescription=f"{CANARY} head",
        BodyPartExamined=KEPT,  # the profile keeps these two in the file,
        Manufacturer=KEPT,  # but what we say of images takes nothing from them
        ImageComments=CANARY,
        AccessionNumber=CANARY,
    )

    (file,) = take_in(planted)

    rows = "\n".join(everything_in_the_database())
    assert CANARY not in rows
    assert KEPT not in rows
    written = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())
    assert CANARY.encode() not in written
    assert not any(CANARY in path.name for path in store.rglob("*"))
    for digest in stored(store) - {file.original}:
        assert CANARY.encode() not in blobs.get(digest)
    assert CANARY not in caplog.text + "".join(capfd.readouterr())


def everything_in_the_database() -> list[str]:
    """Return every row of every table as text, the bodies of entries readable."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT convert_from(body, 'UTF8') FROM ledger.body WHERE body IS NOT NULL"
        )
        rows = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM public."{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return rows


def test_the_canary_search_finds_what_is_there() -> None:
    make_user(printed_name=f"Dr {CANARY}")

    assert any(CANARY in row for row in everything_in_the_database())


def test_every_hostile_file_ends_with_an_outcome() -> None:
    paths = [DATA / path for path in below("hostile/pydicom") + below("hostile/bomb")]

    files = take_in(*paths)

    assert {file.status for file in files} <= {Status.IMPORTED, Status.REJECTED}
    assert len(files) == len(paths)
