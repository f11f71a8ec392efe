"""Annotating: drafts and submissions, and who may make them."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import PermissionDenied

import ledger
from accounts.models import Role
from annotations import annotate
from annotations.errors import (
    AlreadySubmittedError,
    InvalidAnnotationError,
    NotAssignedError,
    StaleVersionError,
    WrongStateError,
)
from annotations.marks import Drawing
from annotations.models import Draft, Item, Revision
from annotations.sealing import mark_of, newest
from tests.annotations.flow import (
    VIEWED,
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
    first = annotate.submit(item, by=item.annotator, version=1, drawing=once)

    again = annotate.submit(item, by=item.annotator, version=1, drawing=once)

    assert again == first
    assert Revision.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"tracking_id": "Lesion 2"},
        {"points": (("10", "20"), ("20", "41"))},
        {"instance_uid": uuid.uuid4()},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_another_submission_of_the_same_version_is_refused(changed: dict[str, Any]) -> None:
    item = submitted()

    with pytest.raises(AlreadySubmittedError):
        annotate.submit(
            item, by=item.annotator, version=1, drawing=drawing(box(item, **changed))
        )


def test_what_was_seen_belongs_to_the_submission() -> None:
    item = submitted()
    longer = replace(VIEWED, milliseconds=VIEWED.milliseconds + 1)

    with pytest.raises(AlreadySubmittedError):
        annotate.submit(
            item,
            by=item.annotator,
            version=1,
            drawing=replace(drawing(box(item)), viewed=longer),
        )


def test_a_correction_sent_again_is_told_apart_by_its_reason() -> None:
    item = reviewed(decision="reject", reason="Too large.")
    item = annotate.reopen(item, by=item.annotator, version=item.version)
    (sealed,) = newest(item)
    smaller = drawing(replace(mark_of(sealed), points=(("10", "20"), ("20", "30"))))
    submit = partial(
        annotate.submit, item, by=item.annotator, version=item.version, drawing=smaller
    )
    first = submit(reason="As it was asked.")

    again = submit(reason="As it was asked.")

    assert again == first
    assert [r.number for r in again.revisions] == [2]
    with pytest.raises(AlreadySubmittedError):
        submit(reason="On second thought.")


def test_what_was_reviewed_since_is_not_answered_as_if_it_were_not() -> None:
    item = make_item()
    once = drawing(box(item))
    reviewed(annotate.submit(item, by=item.annotator, version=1, drawing=once).item)

    with pytest.raises(AlreadySubmittedError):
        annotate.submit(item, by=item.annotator, version=1, drawing=once)


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


def test_rejected_work_comes_back_only_by_reopening() -> None:
    item = reviewed(decision="reject", reason="Too wide.")

    with pytest.raises(WrongStateError):
        annotate.submit(
            item, by=item.annotator, version=item.version, drawing=drawing(box(item))
        )


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
