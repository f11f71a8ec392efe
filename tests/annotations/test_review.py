"""Review: decisions about a reading, and who may make them."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

import ledger
from accounts.models import Role
from annotations import annotate, review, sealing
from annotations.errors import (
    NothingChangedError,
    OtherReviewerError,
    OwnWorkError,
    ReasonMissingError,
    StaleVersionError,
    WrongStateError,
)
from annotations.models import Item, Review, Revision
from tests.annotations.flow import (
    box,
    drawing,
    make_item,
    make_member,
    reader_in,
    reviewed,
    reviewer_of,
    signed,
    submitted,
)
from tests.factories import make_project

# signing.confirm commits by itself, so these tests commit too
pytestmark = pytest.mark.django_db(transaction=True)
State = Item.State


def events_about(item: Item) -> list[str]:
    return [record.event for record in ledger.about(item.ledger_ref)]


def test_a_signed_acceptance_accepts_the_reading() -> None:
    item = reviewed()

    signature = signed(item)

    item.refresh_from_db()
    assert item.state == State.ACCEPTED
    assert signature.holds
    assert signature.printed_name == reviewer_of(item).printed_name
    assert signature.meaning == "review"


def test_an_author_does_not_review_their_own_reading() -> None:
    project = make_project()
    author = reader_in(project)
    item = submitted(make_item(project=project, annotator=author))

    with pytest.raises(OwnWorkError):
        reviewed(item, by=author)


def test_the_database_refuses_an_author_as_reviewer() -> None:
    item = reviewed()

    for statement in (
        (
            "INSERT INTO annotations_review (id, item_id, reviewer_id, decision, reason,"
            " content, content_hash, created_at)"
            " SELECT gen_random_uuid(), id, annotator_id, 'accept', '',"
            " '', encode(sha256(''), 'hex'), now() FROM annotations_item"
        ),
        "UPDATE annotations_item SET reviewer_id = annotator_id, version = version + 1",
        "UPDATE annotations_item SET state = 'accepted', version = version + 1",
        "UPDATE annotations_review SET decision = 'reject'",
        "DELETE FROM annotations_review",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    item.refresh_from_db()
    assert item.state == State.IN_REVIEW


def test_a_rejection_says_why_and_returns_the_reading() -> None:
    item = submitted()

    with pytest.raises(ReasonMissingError):
        reviewed(item, decision="reject", reason="  ")
    rejected = reviewed(item, decision="reject", reason="Outside the wall.")

    assert rejected.state == State.REJECTED
    assert Review.objects.get().reason == "Outside the wall."


def corrected(item: Item | None = None) -> Item:
    item = item or submitted()
    mark = sealing.mark_of(Revision.objects.filter(annotation__item=item).latest("number"))
    narrower = replace(mark, points=(("10", "20"), ("18", "40")))
    return reviewed(item, decision="correct", reason="Boundary.", drawing=drawing(narrower))


def test_a_correction_is_the_reviewers_own_revision() -> None:
    item = corrected()

    first, second = Revision.objects.order_by("number")
    assert first.author == item.annotator
    assert second.author == reviewer_of(item)
    assert second.parent_hash == first.content_hash
    assert second.body["reason"] == {"code": "review", "text": "Boundary."}


def test_a_signed_correction_is_corrected_and_accepted() -> None:
    signature = signed(corrected())

    signature.item.refresh_from_db()
    assert signature.item.state == State.CORRECTED_AND_ACCEPTED


def test_a_correction_changes_something() -> None:
    item = submitted()
    mark = sealing.mark_of(Revision.objects.get())

    with pytest.raises(NothingChangedError):
        reviewed(item, decision="correct", reason="Boundary.", drawing=drawing(mark))


def test_a_reviewer_may_decide_again_before_signing() -> None:
    item = reviewed()

    again = reviewed(item, by=reviewer_of(item), decision="reject", reason="Seen again.")

    assert again.state == State.REJECTED
    assert Review.objects.count() == 2


def test_another_reviewer_does_not_take_over() -> None:
    with pytest.raises(OtherReviewerError):
        reviewed(reviewed())


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.DATA_MANAGER, Role.AUDITOR])
def test_other_roles_do_not_review(role: str) -> None:
    item = submitted()

    with pytest.raises(PermissionDenied):
        reviewed(item, by=make_member(role, item.project))


def test_a_draft_is_not_reviewed() -> None:
    with pytest.raises(WrongStateError):
        reviewed(make_item())


def test_a_decision_about_an_older_version_is_refused() -> None:
    item = submitted()
    item.version -= 1

    with pytest.raises(StaleVersionError):
        reviewed(item)


def test_nothing_to_mark_can_be_accepted_and_signed() -> None:
    item = make_item()
    sealed = annotate.submit(item, by=item.annotator, version=1, drawing=drawing())

    signature = signed(reviewed(sealed.item))

    assert [i["record_id"] for i in signature.body["items"]] == [signature.review.ledger_ref]


def test_reopening_accepted_work_supersedes_its_signature_and_keeps_it() -> None:
    signature = signed()
    item = Item.objects.get(pk=signature.item_id)
    reviewer = reviewer_of(item)

    review.reopen(item, by=reviewer, version=item.version, reason="New protocol.")

    signature.refresh_from_db()
    item.refresh_from_db()
    assert item.state == State.DRAFT
    assert not signature.holds
    assert signature.cause == "New protocol."
    assert events_about(item)[-2:] == ["signature.superseded", "workflow.transition"]


def test_accepted_work_is_reopened_with_a_reason_by_a_reviewer_only() -> None:
    signature = signed()
    item = Item.objects.get(pk=signature.item_id)

    with pytest.raises(ReasonMissingError):
        review.reopen(item, by=reviewer_of(item), version=item.version, reason="")
    with pytest.raises(PermissionDenied):
        review.reopen(item, by=item.annotator, version=item.version, reason="Please.")


def test_accepted_work_is_not_changed_otherwise() -> None:
    item = Item.objects.get(pk=signed().item_id)

    with pytest.raises(WrongStateError):
        annotate.submit(
            item, by=item.annotator, version=item.version, drawing=drawing(box(item))
        )
    with pytest.raises(WrongStateError):
        reviewed(item, by=reviewer_of(item))


def test_a_refused_step_says_which_rule_refused_it() -> None:
    item = reviewed()

    with pytest.raises(OtherReviewerError) as refusal:
        reviewed(item)

    event, subject = refusal.value.entry()
    assert event.name == "workflow.transition_refused"
    assert event.payload()["rule"] == "other_reviewer"
    assert subject.ledger_ref == item.ledger_ref
