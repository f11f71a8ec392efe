"""Drafts, submission and the seal."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

import ledger
from accounts.models import Role
from annotations import annotate, sealing
from annotations.errors import (
    AlreadySubmittedError,
    InvalidAnnotationError,
    NotAssignedError,
    ReasonMissingError,
    StaleVersionError,
    WrongStateError,
)
from annotations.marks import Drawing
from annotations.models import Annotation, Draft, Item, Revision
from tests.annotations.flow import (
    LUNG,
    box,
    drawing,
    make_item,
    make_member,
    reviewed,
    submitted,
)

pytestmark = pytest.mark.django_db
State = Item.State


def events_about(item: Item, seal_now: Callable[[], None]) -> list[str]:
    seal_now()
    return [record.event for record in ledger.about(item.ledger_ref)]


def test_submission_seals_one_revision_for_each_mark() -> None:
    item = make_item()
    first, second = box(item), box(item, tracking_id="Lesion 2")

    sealed = annotate.submit(item, by=item.annotator, version=1, drawing=drawing(first, second))

    assert sealed.item.state == State.SUBMITTED
    assert sealed.item.version == 2
    assert [r.number for r in sealed.revisions] == [1, 1]
    assert Revision.objects.filter(annotation__item=item).count() == 2


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


def test_submission_is_recorded_with_the_hash_of_what_was_sealed(
    seal_now: Callable[[], None],
) -> None:
    item = submitted()

    revision = Revision.objects.get()
    seal_now()
    (created,) = ledger.about(revision.record_id, stream=item.ledger_stream)
    assert created.event == "annotation.created"
    assert created.actor == item.annotator.ledger_ref
    assert created.payload["content_hash"] == revision.content_hash
    assert created.payload["version"] == 1
    assert events_about(item, seal_now) == ["assignment.made", "workflow.transition"]


def test_nothing_to_mark_is_confirmed_explicitly() -> None:
    item = make_item()

    with pytest.raises(InvalidAnnotationError):
        annotate.submit(item, by=item.annotator, version=1, drawing=Drawing())
    sealed = annotate.submit(item, by=item.annotator, version=1, drawing=drawing())

    assert sealed.item.nothing_to_mark
    assert not sealed.revisions


def test_marks_and_nothing_to_mark_exclude_each_other() -> None:
    item = make_item()
    both = replace(drawing(box(item)), nothing_to_mark=True)

    with pytest.raises(InvalidAnnotationError):
        annotate.submit(item, by=item.annotator, version=1, drawing=both)


def test_only_the_assigned_annotator_submits() -> None:
    item = make_item()
    other = make_member(Role.ANNOTATOR, item.project)

    with pytest.raises(NotAssignedError):
        annotate.submit(item, by=other, version=1, drawing=drawing(box(item)))


@pytest.mark.parametrize(
    "role", [Role.REVIEWER, Role.DATA_MANAGER, Role.REGULATORY, Role.AUDITOR, Role.ADJUDICATOR]
)
def test_other_roles_submit_nothing(role: str) -> None:
    item = make_item()

    with pytest.raises(PermissionDenied):
        annotate.submit(
            item, by=make_member(role, item.project), version=1, drawing=drawing(box(item))
        )


def test_a_stranger_submits_nothing() -> None:
    item = make_item()
    stranger = make_item().annotator

    with pytest.raises(PermissionDenied):
        annotate.submit(item, by=stranger, version=1, drawing=drawing(box(item)))


def test_the_same_submission_again_seals_nothing_twice() -> None:
    item = make_item()
    once = drawing(box(item))
    annotate.submit(item, by=item.annotator, version=1, drawing=once)

    with pytest.raises(AlreadySubmittedError):
        annotate.submit(item, by=item.annotator, version=1, drawing=once)

    assert Revision.objects.count() == 1


def test_a_version_never_seen_is_refused() -> None:
    item = make_item()

    with pytest.raises(StaleVersionError):
        annotate.submit(item, by=item.annotator, version=7, drawing=drawing(box(item)))


def test_submitted_work_is_not_submitted_again() -> None:
    item = submitted()

    with pytest.raises(WrongStateError):
        annotate.submit(
            item, by=item.annotator, version=item.version, drawing=drawing(box(item))
        )


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


def test_rejected_work_comes_back_only_by_reopening() -> None:
    item = reviewed(decision="reject", reason="Too wide.")

    with pytest.raises(WrongStateError):
        annotate.submit(
            item, by=item.annotator, version=item.version, drawing=drawing(box(item))
        )


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


BAD: list[dict[str, Any]] = [
    {"label": "no-such-label"},
    {"label": LUNG.value},  # lungs are drawn as polygons only
    {"tracking_id": "  "},
    {"instance": uuid.uuid4()},
    {"frame": 1},
    {"points": (("10", "20"), ("10", "40"))},  # no width
    {"points": (("10", "20"), ("513", "40"))},
    {"points": (("10", "20"), ("20", "256.001"))},
    {"points": (("-1", "20"), ("20", "40"))},
    {"points": (("1e1", "20"), ("20", "40"))},
    {"points": (("NaN", "20"), ("20", "40"))},
    {"points": (("10.1234", "20"), ("20", "40"))},
    {"points": (("10", "20"),)},
    {"kind": "polygon", "points": (("10", "20"), ("20", "40"), ("10", "20"))},
    {"kind": "polygon", "points": (("10", "10"), ("20", "20"), ("30", "30"))},
    {"kind": "polygon", "points": tuple((str(n % 500), str(n % 200)) for n in range(10_001))},
]


@pytest.mark.parametrize("wrong", BAD)
def test_what_cannot_be_on_the_image_is_refused_by_name(wrong: dict[str, Any]) -> None:
    item = make_item()

    with pytest.raises(InvalidAnnotationError) as refusal:
        annotate.submit(item, by=item.annotator, version=1, drawing=drawing(box(item, **wrong)))

    assert str(refusal.value)
    assert not Revision.objects.exists()


def test_a_box_may_touch_the_outer_corners_of_the_image() -> None:
    item = make_item()

    sealed = submitted(item, box(item, points=(("0", "0"), ("512", "256"))))

    assert sealed.state == State.SUBMITTED


def test_a_draft_is_kept_encrypted_and_makes_no_entry(seal_now: Callable[[], None]) -> None:
    item = make_item()

    annotate.save_draft(item, by=item.annotator, content=b'{"annotations":[]}')

    draft = Draft.objects.get()
    assert b"annotations" not in bytes(draft.sealed_box)
    assert draft.opened() == b'{"annotations":[]}'
    assert events_about(item, seal_now) == ["assignment.made"]


def test_a_draft_moved_to_another_person_does_not_open() -> None:
    item = make_item()
    annotate.save_draft(item, by=item.annotator, content=b"{}")
    draft = Draft.objects.get()
    draft.author_id = uuid.uuid4()

    with pytest.raises(InvalidTag):
        draft.opened()


def test_submission_ends_the_draft() -> None:
    item = make_item()
    annotate.save_draft(item, by=item.annotator, content=b"{}")

    submitted(item)

    assert not Draft.objects.exists()


def test_no_draft_is_kept_for_submitted_work() -> None:
    item = submitted()

    with pytest.raises(WrongStateError):
        annotate.save_draft(item, by=item.annotator, content=b"{}")


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
