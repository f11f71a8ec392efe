"""A patient's own key: what it encrypts can be erased, and says so where it was."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

import ledger
from accounts import carrying_out, subject_keys
from accounts.errors.retention import (
    ErasureStateError,
    HeldError,
    NeverErasedError,
    NotDueError,
    SubjectBusyError,
    SubjectUnknownError,
)
from accounts.holds import Scope, place
from accounts.models import Role
from annotations import quarantine, storage, subjects
from annotations.image_errors import BlobErasedError
from annotations.imaging import blobs
from annotations.models import ImportedFile, Instance, Subject
from ledger.reconcile import reconcile
from ledger.verify import verify
from tests.accounts.erasing import Office, approved, erased, prepare
from tests.annotations.flow import make_item, reviewed, signed, submitted
from tests.annotations.imaged import HELD, image_of, make_manager, mr_slices, take_in
from tests.factories import make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def stores(settings: Any, tmp_path: Path) -> Path:
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.KEY_DIR = tmp_path / "keys"
    return tmp_path


@pytest.fixture
def office() -> Office:
    return Office()


def image(office: Office) -> Instance:
    (file,) = take_in(*mr_slices(1), project=office.project)
    return image_of(file)


def about(image: Instance) -> dict[str, Any]:
    return {"kind": "subject_key", "subject_ref": image.series.subject.ledger_ref}


def test_images_are_encrypted_under_their_patients_own_key(
    office: Office, stores: Path
) -> None:
    one = image(office)
    owner = subjects.owner(one.series.subject)

    names = {path.name for path in (stores / "blobs").rglob("*") if path.is_file()}

    assert names == {
        f"{digest}.{owner}" for digest in {one.file_sha256, one.thumbnail, *one.renditions}
    }
    key = stores / "keys" / "subjects" / owner
    assert (key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    content = subject_keys.store().get(owner)
    assert content is not None
    assert content not in key.read_bytes()


def test_a_destroyed_key_leaves_nothing_to_read_and_everything_verifies(
    office: Office, stores: Path
) -> None:
    one = image(office)
    digests = {one.file_sha256, one.thumbnail, *one.renditions}
    files = {path: path.read_bytes() for path in (stores / "blobs").rglob("*.*")}
    wrapped = (stores / "keys" / "subjects" / subjects.owner(one.series.subject)).read_bytes()

    erased(office, **about(one))

    for digest in digests:
        with pytest.raises(BlobErasedError, match="Withheld"):
            blobs.get(digest)
    assert {path: path.read_bytes() for path in (stores / "blobs").rglob("*.*")} == files
    assert not any(wrapped in path.read_bytes() for path in stores.rglob("*") if path.is_file())
    assert reconcile().agrees
    verdicts = verify().streams
    assert {verdict.integrity for verdict in verdicts} == {"ok"}


def test_the_record_says_how_the_key_went(office: Office) -> None:
    one = image(office)
    subject = one.series.subject

    erased(office, **about(one))

    subject.refresh_from_db()
    entry = subjects.destroyed(subject)
    assert entry is not None
    assert entry.subject == subject.ledger_ref
    assert entry.payload["images"] == 1
    assert entry.payload["approved_by"] == [
        office.asking.ledger_ref,
        office.approving.ledger_ref,
    ]
    assert "cryptographic erase" in entry.payload["method"]
    assert subject.key_hash.startswith("erased ")
    assert set(subject.series.values_list("sex", "age_band")) == {("missing", "missing")}


def test_a_backup_of_the_key_folder_is_destroyed_again(office: Office, stores: Path) -> None:
    one = image(office)
    path = stores / "keys" / "subjects" / subjects.owner(one.series.subject)
    backup = path.read_bytes()
    erased(office, **about(one))
    path.with_suffix(".destroyed").unlink()
    path.write_bytes(backup)

    assert carrying_out.redo_destructions() == [path.name]
    assert carrying_out.redo_destructions() == []
    assert not path.exists()


def test_the_same_patient_is_not_taken_in_again(office: Office) -> None:
    one = image(office)
    erased(office, **about(one))

    (file,) = take_in(mr_slices(2)[1], project=office.project)

    assert (file.status, file.reason_code) == (ImportedFile.Status.REJECTED, "patient_erased")
    assert Instance.objects.count() == 1


def test_another_patient_with_the_same_bytes_keeps_theirs(stores: Path) -> None:
    one, other = "0" * 15 + "1", "0" * 15 + "2"
    digest = blobs.put(b"a blank frame", kind="frame", owner=one)
    blobs.put(b"a blank frame", kind="frame", owner=other)

    subject_keys.store().destroy(one)

    assert blobs.get(digest, owner=other) == b"a blank frame"
    with pytest.raises(BlobErasedError):
        blobs.get(digest, owner=one)


def test_a_hold_on_anything_of_the_patient_refuses(office: Office) -> None:
    one = image(office)
    scope = Scope(covers="subject", subject_ref=one.series.ledger_ref)
    place(office.project, scope=scope, by=office.asking, reason="a claim is pending")

    with pytest.raises(HeldError, match="legal hold"):
        prepare(office, **about(one))


def test_a_hold_that_comes_after_the_approval_refuses_too(office: Office) -> None:
    one = image(office)
    request = approved(office, **about(one))
    place(
        office.project, scope=Scope(covers="stream"), by=office.asking, reason="claim pending"
    )

    with pytest.raises(HeldError):
        carrying_out.carry_out(request, by=office.approving)

    assert blobs.get(one.file_sha256)


def test_without_a_legal_duty_images_stay_while_their_project_runs(office: Office) -> None:
    with pytest.raises(NotDueError, match="Images and where they came from"):
        prepare(office, duty=False, **about(image(office)))


def test_a_held_image_is_decided_about_first(office: Office) -> None:
    (file,) = take_in(HELD, project=office.project)
    manager = make_manager(office.project)
    ref = quarantine.decide(file, by=manager, accept=True, reason="no name", version=1)
    one = image_of(ref)
    ImportedFile.objects.filter(pk=file.pk).update(
        decision="", decided_by=None, decided_at=None, received=f'{{"owner":"{owner(one)}"}}'
    )

    with pytest.raises(SubjectBusyError, match="decide on them first"):
        prepare(office, **about(one))


def owner(image: Instance) -> str:
    return subjects.owner(image.series.subject)


def test_another_projects_patient_is_unknown(office: Office) -> None:
    stranger = image(Office())

    with pytest.raises(SubjectUnknownError):
        prepare(office, **about(stranger))
    with pytest.raises(SubjectUnknownError):
        prepare(office, kind="subject_key", subject_ref="annotations.subject:nobody")


def test_carried_out_once(office: Office) -> None:
    one = image(office)
    request = erased(office, **about(one))

    with pytest.raises(ErasureStateError):
        carrying_out.carry_out(request, by=office.approving)
    with pytest.raises(SubjectUnknownError):
        prepare(office, **about(one))


def test_a_crash_after_the_key_went_is_resumed(office: Office) -> None:
    one = image(office)
    request = approved(office, **about(one))
    subject_keys.store().destroy(owner(one))

    carrying_out.carry_out(request, by=carrying_out.JOB)

    assert Subject.objects.get(pk=one.series.subject_id).erased_at is not None
    assert ledger.about(one.series.subject.ledger_ref)


def test_what_was_stored_before_gets_keys_by_a_command(office: Office, stores: Path) -> None:
    one = image(office)
    name = owner(one)
    for digest in {one.file_sha256, one.thumbnail, *one.renditions}:
        content = blobs.get(digest)
        blobs.remove(digest, owner=name)
        blobs.put(content, kind="image")
    assert blobs.get(one.file_sha256, owner=name)  # the old form stays readable
    with pytest.raises(SubjectBusyError, match="give_subjects_keys"):
        prepare(office, **about(one))

    call_command("give_subjects_keys")
    call_command("give_subjects_keys")

    assert {path.suffix for path in (stores / "blobs").rglob("*") if path.is_file()} == {
        f".{name}"
    }
    erased(office, **about(one))
    assert not list(storage.give_owners())


def test_pages_say_withheld_instead_of_failing(office: Office, client: Client) -> None:
    one = image(office)
    sign_in(client, make_user(role=Role.AUDITOR, project=office.project))
    picture = reverse("annotations:picture", args=[office.project.slug, one.pk, 0])
    frame = reverse("annotations-api:frame", args=[one.pk, 0])
    thumbnail = reverse("annotations-api:thumbnail", args=[one.series_id])
    assert client.get(thumbnail).status_code == 200
    erased(office, **about(one))

    assert client.get(thumbnail).status_code == 410
    assert b"withheld" in client.get(thumbnail).content
    answer = client.get(reverse("annotations-api:series", args=[one.series_id]))
    assert (answer.status_code, answer.json()["code"]) == (409, "withheld")
    assert "entry #" in answer.json()["message"]
    page = client.get(f"/projects/{office.project.slug}/images/").content.decode()
    assert "Withheld: erased on" in page
    assert client.get(picture).status_code == 410
    assert client.get(frame).status_code == 409


def test_what_a_signature_is_bound_to_never_goes(office: Office) -> None:
    item = signed(reviewed(submitted(make_item(project=office.project)))).item
    bound = {
        entry.sequence
        for entry in ledger.about(
            *{f"annotations.annotation:{a.pk}" for a in item.annotations.all()},
            item.ledger_ref,
            stream=office.stream,
        )
        if entry.event in {"annotation.created", "review.submitted"}
    }
    assert len(bound) == 2

    for seq in bound:
        with pytest.raises(NeverErasedError, match="a signature is bound"):
            prepare(office, seq)
