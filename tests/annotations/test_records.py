"""What the record says the tables of images hold."""

from collections.abc import Callable

import pytest
from django.db import connection

from annotations import quarantine
from annotations.models import ImportedFile, Instance, Series
from ledger.reconcile import reconcile
from tests.annotations.imaged import HELD, image_of, make_manager, mr_slices, take_in
from tests.factories import make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
SealNow = Callable[[], None]


def disagreements() -> set[tuple[str, str]]:
    return {
        (one.ref, one.kind)
        for one in reconcile().listed
        if one.table in {"annotations.instance", "annotations.series", "annotations.file"}
    }


def test_tables_agree_with_the_record_through_all_outcomes(seal_now: SealNow) -> None:
    project = make_project()
    paths = [*mr_slices(2), mr_slices(1)[0], HELD]
    *_, held = take_in(*paths, project=project)
    seal_now()
    assert disagreements() == set()

    quarantine.decide(
        held, by=make_manager(project), accept=True, reason="nothing to see", version=1
    )
    seal_now()

    assert disagreements() == set()


def test_rejected_decision_agrees_with_the_record(seal_now: SealNow) -> None:
    (held,) = take_in(HELD)
    quarantine.decide(
        held, by=make_manager(held.project), accept=False, reason="a name is seen", version=1
    )
    seal_now()

    assert disagreements() == set()


@pytest.mark.parametrize(
    "change",
    [
        {"file_sha256": "0" * 64},
        {"pixel_sha256": "0" * 64},
        {"facts": "{}"},
        {"renditions": ["0" * 64]},
        {"sop_uid": "1.2.3"},
        {"rows": 7},
    ],
)
def test_edited_image_is_found(change: dict[str, object], seal_now: SealNow) -> None:
    (file, _) = take_in(*mr_slices(2))
    seal_now()

    Instance.objects.filter(pk=image_of(file).pk).update(**change)

    assert disagreements() == {(image_of(file).ledger_ref, "mismatched")}


def test_image_moved_to_another_subject_is_found(seal_now: SealNow) -> None:
    (file,) = take_in(*mr_slices(1))
    seal_now()

    subject = image_of(file).series.subject
    type(subject).objects.filter(pk=subject.pk).update(code="SUBJ-9999")

    found = {ref for ref, _ in disagreements()}
    assert found == {image_of(file).ledger_ref, image_of(file).series.ledger_ref}


def test_reordered_series_is_found(seal_now: SealNow) -> None:
    (file, *_) = take_in(*mr_slices(3))
    seal_now()
    series = image_of(file).series

    Series.objects.filter(pk=series.pk).update(slices=Series.objects.get().slices[::-1])

    assert disagreements() == {(series.ledger_ref, "mismatched")}


def test_deleted_outcome_is_found(seal_now: SealNow) -> None:
    (file,) = take_in(HELD)
    seal_now()

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM annotations_importedfile WHERE id = %s", [file.pk])

    assert disagreements() == {(file.ledger_ref, "entries_without_row")}


def test_forged_decision_is_found(seal_now: SealNow) -> None:
    (file,) = take_in(HELD)
    seal_now()

    ImportedFile.objects.filter(pk=file.pk).update(
        decision="rejected",
        decision_reason="forged",
        decided_by=make_manager(),
        decided_at=file.settled_at,
    )

    assert disagreements() == {(file.ledger_ref, "mismatched")}
