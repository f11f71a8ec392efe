"""Going on without signed entries: two stewards with their passwords, named on record."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

import ledger
from accounts import recovery
from accounts.errors.people import NotThisPersonError
from accounts.errors.retention import SecondPersonError
from accounts.errors.sign_in import TemporaryPasswordError
from accounts.models import Role, User
from accounts.recovery import Credentials
from ledger import rollback, scan
from ledger.models import Entry
from tests.factories import PASSWORD, make_administrator, make_project, make_user, sign_in
from tests.ledger.signing import Database

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "The disk of the database died."


@pytest.fixture
def people(superuser_cursor: Any, client: Client) -> dict[str, User]:
    """Return people by name, of a site whose database was set back, which the signer saw."""
    project = make_project()
    made = {"declares": make_administrator(), "other": make_administrator()}
    for role in (Role.REGULATORY, Role.ANNOTATOR, Role.AUDITOR):
        made[role] = make_user(role=role, project=project)
    sign_in(client, made[Role.REGULATORY])
    Database(superuser_cursor).lose(kept=2, lost=3)
    return made


def says(person: User, password: str = PASSWORD) -> Credentials:
    return Credentials(person.email, password)


def test_two_stewards_go_on_and_are_named(people: dict[str, User]) -> None:
    declares, approves = people["declares"], people[Role.REGULATORY]

    lost = recovery.recover(by=says(declares), approved_by=says(approves), reason=WHY)

    (approved,) = scan.records({"ledger.recovery_approved"})
    assert approved.payload["requested_by"] == declares.ledger_ref
    assert (approved.actor, approved.reason) == (approves.ledger_ref, WHY)
    told = list(scan.records({"ledger.recovery_declared"}))
    assert {record.actor for record in told} == {declares.ledger_ref}
    assert any("2 entries; 5 were signed, 3 are lost" in each for each in lost)
    assert not rollback.held()


@pytest.mark.parametrize(
    ("approver", "refusal"),
    [
        ("the same", SecondPersonError),
        ("the same, written otherwise", SecondPersonError),
        ("wrong password", NotThisPersonError),
        ("nobody", NotThisPersonError),
        ("gone", NotThisPersonError),
        ("new", TemporaryPasswordError),
        ("annotator", PermissionDenied),
        ("auditor", PermissionDenied),
    ],
)
def test_nobody_goes_on_alone(
    people: dict[str, User], approver: str, refusal: type[Exception]
) -> None:
    declares, other = people["declares"], people["other"]
    User.objects.filter(pk=other.pk).update(
        is_active=approver != "gone", temporary_password=approver == "new"
    )
    answers = {
        "the same": says(declares),
        "the same, written otherwise": Credentials(declares.email.upper(), PASSWORD),
        "wrong password": says(other, "not this one"),
        "nobody": Credentials("nobody@example.org", PASSWORD),
        "annotator": says(people[Role.ANNOTATOR]),
        "auditor": says(people[Role.AUDITOR]),
    }
    entries = Entry.objects.count()

    with pytest.raises(refusal):
        recovery.recover(
            by=says(declares), approved_by=answers.get(approver, says(other)), reason=WHY
        )

    assert Entry.objects.count() == entries
    assert rollback.held()


def test_a_reason_is_asked_for(people: dict[str, User]) -> None:
    two = says(people["declares"]), says(people["other"])

    with pytest.raises(ledger.RecoveryRefusedError, match="Say why"):
        recovery.recover(by=two[0], approved_by=two[1], reason="  ")


def test_a_password_shows_nowhere() -> None:
    assert PASSWORD not in repr(Credentials("a@example.org", PASSWORD))


def test_while_it_is_held_nobody_signs_in_and_who_is_in_goes_on_reading(
    client: Client, people: dict[str, User]
) -> None:
    page = client.get("/ledger/", {"stream": "org"})
    newcomer = Client().post(
        "/sign-in/", {"login": people["other"].email, "password": PASSWORD}
    )

    assert page.status_code == 200
    assert "The record is held" in page.content.decode()
    assert "two people declare the recovery" in page.content.decode()
    assert newcomer.status_code == 503
