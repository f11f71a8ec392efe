"""Review and signature."""

import hashlib
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

import ledger
from accounts import signing
from accounts.errors import SigningRefusedError
from accounts.models import Role
from annotations import annotate, review, sealing, signatures
from annotations.errors import (
    NothingChangedError,
    OtherRequestError,
    OtherReviewerError,
    OwnWorkError,
    ReasonMissingError,
    StaleVersionError,
    WrongStateError,
)
from annotations.models import Item, Review, Revision, Signature
from tests.annotations.flow import (
    box,
    confirmation,
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


def test_the_signature_is_recorded_last_with_the_manifest_that_was_signed() -> None:
    signature = signed()

    *_, transition, applied = ledger.about(signature.item.ledger_ref)
    assert [transition.event, applied.event] == ["workflow.transition", "signature.applied"]
    assert applied.payload["manifest"] == signature.manifest
    assert applied.payload["components"] == ["identifier", "password"]


def test_the_manifest_names_the_review_and_every_revision_with_what_was_shown() -> None:
    signature = signed(reviewed(submitted(item := make_item(), box(item), box(item))))

    items = signature.body["items"]
    revisions = Revision.objects.order_by("annotation_id")
    assert items[0]["record_id"] == signature.review.ledger_ref
    assert [i["content_hash"] for i in items[1:]] == [r.content_hash for r in revisions]
    first = revisions[0]
    view = {
        "schema": "display.view/1",
        "record_id": first.record_id,
        "version": 1,
        "content_hash": first.content_hash,
        "labels": ["Mass"],
        "pixel_sha256": [item.series.instances.get().pixel_sha256],
        "window": ["40", "400"],
    }
    shown = hashlib.sha256(ledger.canonical(view)).hexdigest()
    assert items[1]["displayed_hash"] == shown


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


def test_a_wrong_password_signs_nothing() -> None:
    item = reviewed()

    asked = signing.issue(
        by=reviewer_of(item),
        items=signatures.to_sign(item).items,
        meaning="review",
        statement="I looked.",
        stream="localhost/ledger/org",
    )
    with pytest.raises(SigningRefusedError):
        signing.confirm(
            asked, by=reviewer_of(item), identifier=reviewer_of(item).email, password="no"
        )

    assert not Signature.objects.exists()


def test_a_request_for_another_record_signs_nothing() -> None:
    item, other = reviewed(), reviewed()
    reviewer = reviewer_of(item)

    with pytest.raises(OtherRequestError):
        review.sign(
            item,
            by=reviewer,
            version=item.version,
            confirmation=confirmation(other, reviewer),
        )

    item.refresh_from_db()
    assert item.state == State.IN_REVIEW


def test_somebody_elses_confirmation_signs_nothing() -> None:
    item = reviewed()
    other = make_member(Role.REVIEWER, item.project)

    with pytest.raises(OtherReviewerError):
        review.sign(
            item, by=other, version=item.version, confirmation=confirmation(item, other)
        )


def test_one_answer_signs_once() -> None:
    item = reviewed()
    answer = confirmation(item, reviewer_of(item))
    review.sign(item, by=reviewer_of(item), version=item.version, confirmation=answer)

    with pytest.raises(StaleVersionError):
        review.sign(item, by=reviewer_of(item), version=item.version, confirmation=answer)
    assert Signature.objects.count() == 1


def test_a_version_that_changed_since_it_was_shown_is_not_signed() -> None:
    item = reviewed()
    answer = confirmation(item, reviewer_of(item))
    reviewed(item, by=reviewer_of(item))  # decides again: a newer version

    with pytest.raises(StaleVersionError):
        review.sign(item, by=reviewer_of(item), version=item.version, confirmation=answer)


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


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations_signature SET printed_name = 'Somebody Else'",
        "UPDATE annotations_signature SET meaning = 'approval'",
        "UPDATE annotations_signature SET manifest = manifest || ' '",
        "DELETE FROM annotations_signature",
        "TRUNCATE annotations_signature CASCADE",
    ],
)
def test_the_database_refuses_to_change_a_signature(statement: str) -> None:
    signed()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_refused_step_says_which_rule_refused_it() -> None:
    item = reviewed()

    with pytest.raises(OtherReviewerError) as refusal:
        reviewed(item)

    event, subject = refusal.value.entry()
    assert event.name == "workflow.transition_refused"
    assert event.payload()["rule"] == "other_reviewer"
    assert subject.ledger_ref == item.ledger_ref
