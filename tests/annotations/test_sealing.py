"""Sealing: revisions, their parents, and what nobody changes any more."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction

import ledger
from annotations import annotate, sealing
from annotations.errors import InvalidAnnotationError, ReasonMissingError
from annotations.models import Annotation, Item, Revision
from tests.annotations.flow import box, drawing, make_item, reviewed, submitted

pytestmark = pytest.mark.django_db


def test_sealed_revision_says_what_was_drawn_on_which_pixels() -> None:
    item = make_item()
    mark = box(item)

    annotate.submit(item, by=item.annotator, version=1, drawing=drawing(mark))

    revision = Revision.objects.get()
    image = item.series.instances.get()
    body = revision.body
    assert revision.content_hash == hashlib.sha256(bytes(revision.content)).hexdigest()
    assert body["schema"] == "annotation.revision/1"
    assert body["instance_uid"] == f"2.25.{revision.annotation_id.int}"
    assert body["geometry"]["points"] == [["10", "20"], ["20", "40"]]
    assert body["target"]["pixel_sha256"] == image.pixel_sha256
    assert body["target"]["subject"] == item.series.subject.code
    assert body["concept"] == {"value": "4147007", "scheme": "SCT", "meaning": "Mass"}
    assert body["author"] == item.annotator.ledger_ref
    assert body["parent"] is None
    assert bytes(revision.content) == ledger.canonical(body)


def returned_item() -> Item:
    item = reviewed(decision="reject", reason="Too wide.")
    return annotate.reopen(item, by=item.annotator, version=item.version)


def test_a_change_of_sealed_work_is_a_new_revision_that_names_its_parent() -> None:
    item = returned_item()
    before = Revision.objects.get()
    mark = replace(sealing.mark_of(before), points=(("10", "20"), ("18", "40")))

    annotate.submit(
        item, by=item.annotator, version=item.version, drawing=drawing(mark), reason="Narrower."
    )

    after = Revision.objects.latest("number")
    assert after.number == 2
    assert after.parent_hash == after.body["parent"] == before.content_hash
    assert after.body["reason"] == {"code": "correction", "text": "Narrower."}


def test_a_change_of_sealed_work_says_why() -> None:
    item = returned_item()
    mark = replace(sealing.mark_of(Revision.objects.get()), points=(("1", "2"), ("3", "4")))

    with pytest.raises(ReasonMissingError):
        annotate.submit(
            item, by=item.annotator, version=item.version, drawing=drawing(mark), reason=" "
        )


def test_what_did_not_change_gets_no_new_revision() -> None:
    item = returned_item()
    mark = sealing.mark_of(Revision.objects.get())

    sealed = annotate.submit(
        item, by=item.annotator, version=item.version, drawing=drawing(mark)
    )

    assert not sealed.revisions


def test_what_is_left_out_is_retired_by_a_revision_and_stays(
    seal_now: Callable[[], None],
) -> None:
    item = returned_item()
    kept = Revision.objects.get()

    annotate.submit(
        item, by=item.annotator, version=item.version, drawing=drawing(), reason="No lesion."
    )

    retired = Revision.objects.latest("number")
    assert retired.retired
    assert retired.body["status"] == "retired"
    assert Revision.objects.filter(pk=kept.pk).exists()
    seal_now()
    events = [record.event for record in ledger.about(kept.record_id)]
    assert events == ["annotation.created", "annotation.retired"]


def test_an_identifier_of_another_reading_is_refused() -> None:
    taken = Annotation.objects.get(item=submitted())
    item = make_item()

    with pytest.raises(InvalidAnnotationError):
        annotate.submit(
            item,
            by=item.annotator,
            version=1,
            drawing=drawing(box(item, instance_uid=taken.pk)),
        )


def test_a_mark_without_an_identifier_gets_one() -> None:
    item = submitted(item := make_item(), box(item, instance_uid=None))

    assert isinstance(Annotation.objects.get(item=item).pk, uuid.UUID)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations_revision SET content = '\\x00'",
        "UPDATE annotations_revision SET author_id = author_id",
        "DELETE FROM annotations_revision",
        "DELETE FROM annotations_item",
        "UPDATE annotations_item SET state = 'accepted', version = version + 1",
        "UPDATE annotations_item SET state = 'draft', version = version + 1",
        "UPDATE annotations_item SET version = version",
        "UPDATE annotations_item SET reviewer_id = annotator_id, version = version + 1",
        "DELETE FROM annotations_annotation",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(statement: str) -> None:
    submitted()

    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
