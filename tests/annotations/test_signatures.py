"""Signatures of readings: what is signed, by whom, and what signs nothing."""

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

import ledger
from accounts import signing
from accounts.errors.signing import SigningRefusedError
from accounts.models import Role
from annotations import review, signatures
from annotations.errors import OtherRequestError, OtherReviewerError, StaleVersionError
from annotations.models import Item, Revision, Signature
from tests.annotations.flow import (
    box,
    confirmation,
    make_item,
    make_member,
    reviewed,
    reviewer_of,
    signed,
    submitted,
)

# signing.confirm commits by itself, so these tests commit too
pytestmark = pytest.mark.django_db(transaction=True)


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
    assert item.state == Item.State.IN_REVIEW


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
