"""Giving accounts, choosing passwords, closing access."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts import people, sessions
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import IdentifierTakenError, OwnAccessError, PersonInactiveError
from accounts.errors.sign_in import PasswordRefusedError
from accounts.models import Role, Session, User
from tests.accounts.recorded import recorded
from tests.factories import PASSWORD, make_administrator, make_session, make_user

pytestmark = pytest.mark.django_db
NEW = "a-sentence-nobody-else-knows"


def test_new_person_begins_with_a_temporary_password_and_is_recorded() -> None:
    administrator = make_administrator()

    person = people.create(
        email="Mei.Tan@Example.org",
        printed_name="Mei Tan",
        by=administrator,
        password=PASSWORD,
        time_zone="Asia/Singapore",
    )

    assert person.temporary_password
    assert person.password.startswith("argon2")
    assert recorded("user.created")[-1]["payload"] == {
        "person_id": str(person.pk),
        "account": "mei.tan@example.org",
        "printed_name": "Mei Tan",
        "time_zone": "Asia/Singapore",
    }


def test_account_name_is_never_given_again_nor_one_that_looks_like_it() -> None:
    administrator = make_administrator()
    former = make_user(email="anna.lima@example.org")
    people.close_access(former, by=administrator, reason="left")

    for name in ("anna.lima@example.org", "ANNA.LIMA@example.org", "anna.1ima@example.org"):
        with pytest.raises(IdentifierTakenError):
            people.create(
                email=name, printed_name="Anna Lima", by=administrator, password=PASSWORD
            )


def test_database_refuses_the_same_name_twice() -> None:
    person = make_user()

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="other@example.org", identifier=person.identifier)


def test_database_refuses_a_superuser() -> None:
    person = make_user()
    person.is_superuser = True

    with pytest.raises(IntegrityError, match="nobody_is_superuser"), transaction.atomic():
        person.save()


def test_people_are_never_deleted() -> None:
    person = make_user(role=Role.ANNOTATOR)

    with pytest.raises(ProtectedError):
        person.delete()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_give_accounts(role: str) -> None:
    with pytest.raises(PermissionDenied):
        people.create(
            email="new@example.org",
            printed_name="New",
            by=make_user(role=role),
            password=PASSWORD,
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"printed_name": "  "},
        {"printed_name": "x" * 201},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
    ],
)
def test_a_person_that_cannot_be_is_refused_and_not_recorded(wrong: dict[str, str]) -> None:
    given: dict[str, Any] = {
        "email": "new@example.org",
        "printed_name": "New",
        "password": PASSWORD,
        **wrong,
    }
    administrator = make_administrator()
    before = len(recorded())

    with pytest.raises(ValidationError), transaction.atomic():
        people.create(by=administrator, **given)

    assert len(recorded()) == before


@pytest.mark.parametrize("password", ["short", "yfdbufnjh10305070", "new@example.org"])
def test_weak_passwords_are_refused_with_the_reason(password: str) -> None:
    with pytest.raises(PasswordRefusedError, match=r"\w+"):
        people.create(
            email="new@example.org",
            printed_name="New",
            by=make_administrator(),
            password="x" * 8 if password == "short" else password,
        )


def test_own_password_ends_the_other_sessions() -> None:
    person = make_user()
    other, here = make_session(person), make_session(person)

    people.change_password(person, old=PASSWORD, new=NEW, keep=here)

    person.refresh_from_db()
    assert person.check_password(NEW)
    assert not person.temporary_password
    assert list(Session.objects.running().filter(user=person)) == [here]
    assert Session.objects.get(pk=other.pk).end == "password_changed"
    assert recorded("credential.password_changed")[-1]["payload"] == {
        "credential_kind": "password",
        "requested_by": person.ledger_ref,
    }


@pytest.mark.parametrize(
    ("old", "new"), [("not-the-password-1", NEW), (PASSWORD, PASSWORD), (PASSWORD, "short")]
)
def test_refused_password_changes_nothing(old: str, new: str) -> None:
    person = make_user()

    with pytest.raises(PasswordRefusedError):
        people.change_password(person, old=old, new=new)

    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert not recorded("credential.password_changed")


def test_closing_access_ends_roles_and_sessions_at_once() -> None:
    administrator = make_administrator()
    person = make_user(role=Role.DATA_MANAGER)
    make_session(person)

    people.close_access(person, by=administrator, reason="left this morning")

    person.refresh_from_db()
    assert not person.is_active
    assert not person.memberships.current().exists()
    assert not Session.objects.running().filter(user=person).exists()
    events = ["user.role_revoked", "auth.session_revoked", "user.deactivated"]
    assert [len(recorded(event)) for event in events] == [1, 1, 1]
    assert recorded("user.deactivated")[-1]["reason"] == "left this morning"


def test_closing_access_is_for_others_with_a_reason_and_once() -> None:
    administrator, person = make_administrator(), make_user()

    with pytest.raises(OwnAccessError):
        people.close_access(administrator, by=administrator, reason="why")
    with pytest.raises(ReasonMissingError):
        people.close_access(person, by=administrator, reason=" ")
    with pytest.raises(PermissionDenied):
        people.close_access(person, by=make_user(role=Role.AUDITOR), reason="why")
    people.close_access(person, by=administrator, reason="left")
    with pytest.raises(PersonInactiveError):
        people.close_access(person, by=administrator, reason="left again")


def test_a_person_without_a_password_is_let_in_by_none() -> None:
    person = people.create(
        email="nobody@example.org", printed_name="Nobody", by="system:setup", password=None
    )

    assert not person.check_password("")
    assert not person.has_usable_password()
    with pytest.raises(ValueError, match="gives no accounts"):
        people.create(
            email="x@example.org", printed_name="X", by="system:import", password=None
        )
    assert sessions.network(None) == ""


def test_replaced_password_only_lets_its_person_choose_another() -> None:
    administrator, person = make_administrator(), make_user()
    make_session(person)

    people.replace_password(person, by=administrator, password=NEW, reason="showed the badge")

    person.refresh_from_db()
    assert person.check_password(NEW)
    assert person.temporary_password
    assert not Session.objects.running().filter(user=person).exists()
    entry = recorded("credential.password_reset_issued")[-1]
    assert (entry["actor"], entry["reason"]) == (administrator.ledger_ref, "showed the badge")


def test_passwords_are_replaced_by_other_administrators_with_a_reason() -> None:
    administrator, person = make_administrator(), make_user()

    with pytest.raises(OwnAccessError):
        people.replace_password(administrator, by=administrator, password=NEW, reason="x")
    with pytest.raises(PermissionDenied):
        people.replace_password(person, by=make_user(), password=NEW, reason="x")
    with pytest.raises(ReasonMissingError):
        people.replace_password(person, by=administrator, password=NEW, reason="")
    with pytest.raises(PasswordRefusedError):
        people.replace_password(person, by=administrator, password="short", reason="x")
    people.close_access(person, by=administrator, reason="left")
    with pytest.raises(PersonInactiveError):
        people.replace_password(person, by=administrator, password=NEW, reason="x")
