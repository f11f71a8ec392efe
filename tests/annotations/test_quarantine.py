"""Deciding about held images."""

import io
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from django.core.exceptions import PermissionDenied

import ledger
from accounts.models import Role
from annotations import quarantine, storage
from annotations.errors import ReasonMissingError
from annotations.image_errors import BlobMissingError
from annotations.imaging import blobs
from annotations.import_errors import DecidedMeanwhileError, NotHeldError
from annotations.models import ImportedFile, Instance, Series
from tests.annotations.imaged import HELD, image_of, make_held, make_manager, mr_slices, take_in
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
WHY = "looked at the whole image, no text in it"


def decided(*, accept: bool) -> ImportedFile:
    file = make_held()
    by = make_manager(file.project)
    return quarantine.decide(file, by=by, accept=accept, reason=WHY, version=1)


def kept_of(file: ImportedFile) -> set[str]:
    found = ledger.parse(file.received.encode())
    return {file.original, found["clean"], found["thumbnail"], *found["frames"]}


def test_accepted_image_becomes_a_series_marked_as_free_of_identity() -> None:
    file = decided(accept=True)

    image = image_of(file)
    clean = pydicom.dcmread(io.BytesIO(blobs.get(image.file_sha256)))
    assert clean.PatientIdentityRemoved == "YES"
    assert image.series.frames == 1
    assert all(blobs.exists(digest) for digest in image.renditions)


def test_decision_names_person_reason_and_version_in_the_record(
    seal_now: Callable[[], None],
) -> None:
    file = decided(accept=True)
    seal_now()

    entries = ledger.about(file.ledger_ref, stream=file.ledger_stream)
    assert [entry.event for entry in entries] == ["image.quarantined", "quarantine.decided"]
    assert entries[1].actor == (file.decided_by and file.decided_by.ledger_ref)
    assert entries[1].reason == WHY
    payload = entries[1].payload
    assert (payload["decision"], payload["version"]) == ("accepted", 2)
    assert payload["image"] == image_of(file).ledger_ref


@pytest.mark.parametrize("accept", [True, False])
def test_original_is_destroyed_with_the_decision(accept: bool) -> None:
    held = make_held()
    original = held.original

    file = quarantine.decide(
        held, by=make_manager(held.project), accept=accept, reason=WHY, version=1
    )

    assert (file.original, file.received) == ("", "")
    with pytest.raises(BlobMissingError):
        blobs.get(original)


def test_rejected_image_is_destroyed_and_stays_in_the_count() -> None:
    held = make_held()
    kept = kept_of(held)

    file = quarantine.decide(
        held, by=make_manager(held.project), accept=False, reason=WHY, version=1
    )

    assert file.status == ImportedFile.Status.QUARANTINED
    assert (file.decision, file.instance) == ("rejected", None)
    assert not any(blobs.exists(digest) for digest in kept)
    assert not Instance.objects.exists()


def test_bytes_that_another_held_file_shows_are_kept_when_one_is_rejected() -> None:
    here, elsewhere = make_held(), make_held()
    shared = set(ledger.parse(elsewhere.received.encode())["frames"])

    quarantine.decide(here, by=make_manager(here.project), accept=False, reason=WHY, version=1)

    assert shared
    assert all(blobs.exists(digest) for digest in shared)


def test_decision_about_what_was_decided_meanwhile_is_refused() -> None:
    file = make_held()
    stale = ImportedFile.objects.get(pk=file.pk)
    manager = make_manager(file.project)
    quarantine.decide(file, by=manager, accept=False, reason=WHY, version=1)

    with pytest.raises(DecidedMeanwhileError, match=manager.printed_name):
        quarantine.decide(
            ImportedFile.objects.get(pk=stale.pk),
            by=make_manager(file.project),
            accept=True,
            reason=WHY,
            version=1,
        )

    assert not Instance.objects.exists()


def test_decision_about_another_version_than_displayed_is_refused() -> None:
    file = make_held()

    with pytest.raises(NotHeldError):
        quarantine.decide(
            file, by=make_manager(file.project), accept=True, reason=WHY, version=7
        )

    file.refresh_from_db()
    assert file.is_undecided


@pytest.mark.parametrize("reason", ["", "  ", "no"])
def test_decision_says_why(reason: str) -> None:
    file = make_held()

    with pytest.raises(ReasonMissingError):
        quarantine.decide(
            file, by=make_manager(file.project), accept=False, reason=reason, version=1
        )

    file.refresh_from_db()
    assert file.is_undecided


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DATA_MANAGER])
def test_other_roles_decide_nothing(role: str) -> None:
    file = make_held()

    with pytest.raises(PermissionDenied):
        quarantine.decide(
            file,
            by=make_user(role=role, project=file.project),
            accept=True,
            reason=WHY,
            version=1,
        )


def test_manager_of_another_project_decides_nothing() -> None:
    with pytest.raises(PermissionDenied):
        quarantine.decide(make_held(), by=make_manager(), accept=True, reason=WHY, version=1)


def test_imported_file_is_not_decided_about() -> None:
    (file,) = take_in(*mr_slices(1))

    with pytest.raises(NotHeldError):
        quarantine.decide(
            file, by=make_manager(file.project), accept=False, reason=WHY, version=1
        )


def test_image_whose_bytes_are_lost_is_not_accepted() -> None:
    file = make_held()
    found = ledger.parse(file.received.encode())
    blobs.remove(found["frames"][0], owner=found["owner"])

    with pytest.raises(BlobMissingError):
        quarantine.decide(
            file, by=make_manager(file.project), accept=True, reason=WHY, version=1
        )

    file.refresh_from_db()
    assert file.is_undecided
    assert not Series.objects.exists()


def test_same_file_can_come_again_after_a_rejection() -> None:
    held = decided(accept=False)

    (again,) = take_in(HELD, project=held.project)

    assert again.is_undecided


def test_what_a_crash_left_behind_is_destroyed_later(store: Path) -> None:
    file = make_held()
    kept = kept_of(file)
    ImportedFile.objects.filter(pk=file.pk).update(
        decision="rejected",
        decision_reason=WHY,
        decided_by=make_manager(file.project),
        decided_at=file.settled_at,
    )

    for left in storage.leftovers():
        storage.dispose(left)

    assert not any(blobs.exists(digest) for digest in kept)
    assert not list(storage.leftovers())


def test_undecided_file_is_never_disposed_of() -> None:
    file = make_held()

    storage.dispose(file)

    file.refresh_from_db()
    assert all(blobs.exists(digest) for digest in kept_of(file))
