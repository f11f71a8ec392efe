"""Reviewing who holds what: every role decided, signed, and what is ended ends with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

import ledger
from accounts import access_review, permissions, roles
from accounts.access_review import END, KEEP, Decision
from accounts.controls.access_review import access_review_current
from accounts.errors.access_review import AccessChangedError, ReviewStateError, UndecidedError
from accounts.errors.people import OwnAccessError
from accounts.models import AccessReview, Membership, Role
from tests.accounts.recorded import recorded
from tests.accounts.reviewing import completed, decided, prepared, signed
from tests.factories import PASSWORD, make_administrator, make_project, make_user, sign_in
from tests.ledger.evidence.streams import Told

pytestmark = pytest.mark.django_db(transaction=True)  # signing commits by itself


def test_what_is_signed_names_every_account_and_role_and_ends_what_it_says() -> None:
    administrator, project = make_administrator(), make_project()
    leaver = make_user(role=Role.ANNOTATOR, project=project)
    idle = make_user()
    held = leaver.memberships.get()

    review = completed(administrator, held)

    assert not permissions.has_permission(leaver, "view_images", project)
    content = ledger.parse(review.content.encode())
    assert {row[0] for row in content["accounts"]} == {
        person.ledger_ref for person in (administrator, leaver, idle)
    }
    assert [held.ledger_ref, END, "end it"] in content["decisions"]
    assert recorded("user.role_revoked")[-1]["reason"] == "end it"
    entry = recorded("access_review.completed")[-1]
    assert entry["payload"] | {"next_due": ""} == {
        "record_id": review.ledger_ref,
        "version": 1,
        "content_hash": review.content_hash,
        "accounts": 3,
        "kept": 1,
        "ended": 1,
        "next_due": "",
    }
    manifest = ledger.parse(recorded("signature.applied")[-1]["payload"]["manifest"].encode())
    assert manifest["items"][0]["content_hash"] == review.content_hash


def test_every_role_is_decided_with_a_reason() -> None:
    administrator = make_administrator()
    held = make_user(role=Role.ANNOTATOR).memberships.get()
    seen = access_review.digest(access_review.snapshot())
    lacking: list[dict[str, Decision]] = [
        {},
        {k: v for k, v in decided().items() if k != held.ledger_ref},
        decided() | {held.ledger_ref: Decision(verdict=END, reason=" ")},
        decided() | {held.ledger_ref: Decision(verdict="maybe", reason="why")},
    ]

    for said in lacking:
        with pytest.raises(UndecidedError):
            access_review.prepare(said, by=administrator, seen=seen)

    assert not AccessReview.objects.exists()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_role_given_meanwhile_is_seen_before_anything_is_signed(moment: str) -> None:
    administrator = make_administrator()
    seen = access_review.digest(access_review.snapshot())
    if moment == "before":
        make_user(role=Role.ANNOTATOR)
        with pytest.raises(AccessChangedError):
            access_review.prepare(decided(), by=administrator, seen=seen)
        return
    review = prepared(administrator)
    make_user(role=Role.ANNOTATOR)

    with pytest.raises(AccessChangedError):
        access_review.complete(review, by=administrator, confirmation=signed(review))

    assert not recorded("access_review.completed")


def test_what_a_rule_refuses_takes_the_whole_review_back() -> None:
    administrator = make_administrator()
    make_administrator()
    annotator = make_user(role=Role.ANNOTATOR).memberships.get()
    own = administrator.memberships.get()
    review = prepared(administrator, annotator, own)

    with pytest.raises(OwnAccessError):
        access_review.complete(review, by=administrator, confirmation=signed(review))

    assert Membership.objects.current().count() == 3
    assert not recorded("user.role_revoked")
    assert not recorded("access_review.completed")


def test_only_whoever_decided_signs_and_once() -> None:
    administrator, other = make_administrator(), make_administrator()
    review = prepared(administrator)

    with pytest.raises(ReviewStateError):
        access_review.complete(review, by=other, confirmation=signed(review, by=other))
    AccessReview.objects.update(content=review.content.replace("keep", "end"))
    with pytest.raises(ReviewStateError):
        access_review.complete(review, by=administrator, confirmation=signed(review))
    AccessReview.objects.update(content=review.content)
    access_review.complete(review, by=administrator, confirmation=signed(review))
    with pytest.raises(ReviewStateError):
        access_review.complete(review, by=administrator, confirmation=signed(review))


def test_a_signature_of_one_review_signs_no_other() -> None:
    administrator = make_administrator()
    one, other = prepared(administrator), prepared(administrator)

    with pytest.raises(ReviewStateError):
        access_review.complete(one, by=administrator, confirmation=signed(other))


@pytest.mark.parametrize("role", [r for r in Role.values if r != "administrator"])
def test_nobody_but_an_administrator_reviews(role: str) -> None:
    person = make_user(role=role)

    with pytest.raises(PermissionDenied):
        prepared(person)


def test_the_next_one_is_due_after_ninety_days() -> None:
    assert AccessReview.objects.due_at() is None

    review = completed(make_administrator())

    assert review.signed_at is not None
    assert AccessReview.objects.due_at() == review.signed_at + timedelta(days=90)


def told(day: int, event: str, **payload: Any) -> Told:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return Told(
        sequence=day,
        stream="s",
        event=event,
        actor="accounts.user:a",
        subject="accounts.access_review:r",
        at=at,
        sealed_at=at,
        payload=payload,
        hash=f"{day:064}",
    )


def test_the_control_sees_a_review_that_is_late_or_missing() -> None:
    def done(day: int) -> Told:
        due = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day + 90)
        return told(day, "access_review.completed", next_due=f"{due:%Y-%m-%dT%H:%M:%S.%fZ}")

    other = "project.created"

    assert not list(access_review_current([done(0), told(89, other)]))
    assert [f.sequence for f in access_review_current([done(0), told(91, other)])] == [91]
    assert [f.sequence for f in access_review_current([done(0), done(95)])] == [95]
    assert not list(access_review_current([told(400, other)]))


def test_it_is_decided_and_signed_on_the_pages(client: Client) -> None:
    administrator = make_administrator()
    sign_in(client, administrator)
    held = make_user(role=Role.ANNOTATOR).memberships.get()
    own = administrator.memberships.get()
    page = "/people/reviews/new/"
    given = {
        "seen": client.get(page).context["seen"],
        "kept_because": "Still needed",
        f"role-{own.pk}": KEEP,
        f"role-{held.pk}": END,
    }

    lacking = client.post(page, given)
    stale = client.post(page, {**given, f"why-{held.pk}": "left", "seen": "0" * 64})
    made = client.post(page, {**given, f"why-{held.pk}": "left the group"})
    asked = client.get(made.headers["Location"]).context["asked"]
    answer = {"request": asked.pk, "identifier": administrator.email, "password": PASSWORD}
    done = client.post(f"{made.headers['Location']}sign/", answer)
    shown = client.get(made.headers["Location"]).content.decode()

    assert lacking.status_code == 422
    assert "1 role is not decided yet" in lacking.content.decode()
    assert "Say why it ends" in lacking.content.decode()
    assert stale.status_code == 409
    assert done.status_code == 302
    assert "left the group" in shown
    assert not Membership.objects.current().filter(pk=held.pk).exists()


def test_what_was_only_prepared_is_its_maker_s(client: Client) -> None:
    review = prepared(make_administrator())
    sign_in(client, make_administrator())

    assert client.get(f"/people/reviews/{review.pk}/").status_code == 404


def test_five_hundred_roles_are_decided_in_one_form(client: Client) -> None:
    administrator = make_administrator()
    sign_in(client, administrator)
    page = "/people/reviews/new/"
    fields = {f"role-{n}": KEEP for n in range(2_500)} | {f"why-{n}": "" for n in range(2_500)}
    own = administrator.memberships.get()
    given = {"seen": client.get(page).context["seen"], "kept_because": "needed"}

    answer = client.post(page, fields | given | {f"role-{own.pk}": KEEP})

    assert answer.status_code == 302


def test_a_role_that_ran_out_is_no_longer_listed() -> None:
    person, project = make_user(), make_project()
    roles.grant(
        person,
        role=Role.ANNOTATOR,
        project=project,
        by=make_administrator(),
        reason="a week",
        term=roles.Term(expires_at=timezone.now() + timedelta(days=7)),
    )
    Membership.objects.filter(user=person).update(expires_at=timezone.now())

    assert len(access_review.snapshot()["roles"]) == 1
