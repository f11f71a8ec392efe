"""Granting and ending roles."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts import people, permissions, roles
from accounts.errors.base import ReasonMissingError
from accounts.errors.people import (
    LastAdministratorError,
    OwnAccessError,
    PersonInactiveError,
    RoleHeldError,
    RoleNotHeldError,
    RoleScopeError,
)
from accounts.models import Membership, ProjectUserObjectPermission, Role, User
from tests.accounts.recorded import recorded
from tests.factories import give_role, make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db


def test_granted_role_opens_what_it_carries_and_is_recorded() -> None:
    administrator, person, project = make_administrator(), make_user(), make_project()

    held = roles.grant(
        person, role="annotator", project=project, by=administrator, reason="joins the readers"
    )

    assert permissions.has_permission(person, "annotate", project)
    assert recorded("user.role_granted")[-1] == {
        "actor": administrator.ledger_ref,
        "subject": person.ledger_ref,
        "reason": "joins the readers",
        "payload": {
            "membership_id": str(held.pk),
            "person_id": str(person.pk),
            "role": "annotator",
            "scope": project.ledger_ref,
            "authorised_by": administrator.ledger_ref,
            "justification": "joins the readers",
        },
    }


def test_ended_role_closes_at_once_and_is_recorded() -> None:
    administrator, project = make_administrator(), make_project()
    person = make_user(role=Role.ANNOTATOR, project=project)

    roles.revoke(person.memberships.get(), by=administrator, reason="left the group")

    assert not permissions.has_permission(person, "view_project", project)
    assert not ProjectUserObjectPermission.objects.filter(user=person).exists()
    assert recorded("user.role_revoked")[-1]["reason"] == "left the group"


def test_ending_one_of_two_roles_keeps_what_the_other_carries() -> None:
    administrator, project = make_administrator(), make_project()
    person = make_user(role=Role.ANNOTATOR, project=project)
    give_role(person, role=Role.REVIEWER, project=project)

    roles.revoke(
        person.memberships.get(role=Role.ANNOTATOR), by=administrator, reason="reviews only"
    )

    assert permissions.has_permission(person, "review", project)
    assert permissions.has_permission(person, "view_images", project)
    assert not permissions.has_permission(person, "annotate", project)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_grants_roles(role: str) -> None:
    project = make_project()
    somebody = make_user(role=role, project=project)

    with pytest.raises(PermissionDenied):
        roles.grant(make_user(), role="annotator", project=project, by=somebody, reason="why")


def test_nobody_grants_a_role_to_themselves() -> None:
    administrator, project = make_administrator(), make_project()
    before = len(recorded())

    with pytest.raises(OwnAccessError):
        roles.grant(
            administrator, role="annotator", project=project, by=administrator, reason="x"
        )

    assert len(recorded()) == before


def test_administrator_cannot_end_own_role() -> None:
    administrator = make_administrator()
    make_administrator()

    with pytest.raises(OwnAccessError):
        roles.revoke(administrator.memberships.get(), by=administrator, reason="tired")


@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_end_each_other_at_once_one_stays() -> None:
    first, second = make_administrator(), make_administrator()
    together = Barrier(2)

    def end(administrator: User, other: User) -> str:
        try:
            together.wait(timeout=10)
            roles.revoke(administrator.memberships.get(), by=other, reason="dispute")
        except (LastAdministratorError, PermissionDenied) as refused:
            return type(refused).__name__
        finally:
            connection.close()
        return "ended"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(end, [first, second], [second, first]))

    assert outcomes.count("ended") == 1
    assert Membership.objects.current().filter(role=Role.ADMINISTRATOR).count() == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_role_needs_a_reason(reason: str) -> None:
    with pytest.raises(ReasonMissingError):
        roles.grant(
            make_user(),
            role="auditor",
            project=make_project(),
            by=make_administrator(),
            reason=reason,
        )


def test_a_role_is_held_once_at_a_time() -> None:
    administrator, project = make_administrator(), make_project()
    person = make_user(role=Role.REVIEWER, project=project)

    with pytest.raises(RoleHeldError):
        roles.grant(person, role="reviewer", project=project, by=administrator, reason="again")


def test_a_role_ends_once() -> None:
    administrator = make_administrator()
    membership = make_user(role=Role.REVIEWER).memberships.get()
    roles.revoke(membership, by=administrator, reason="done")

    with pytest.raises(RoleNotHeldError):
        roles.revoke(membership, by=administrator, reason="done twice")


@pytest.mark.parametrize("role", [*Role.values, "owner"])
def test_roles_hold_where_they_belong(role: str) -> None:
    project = make_project() if role == Role.ADMINISTRATOR else None

    with pytest.raises(RoleScopeError):
        roles.grant(
            make_user(), role=role, project=project, by=make_administrator(), reason="why"
        )


def test_closed_access_takes_no_role() -> None:
    administrator, person = make_administrator(), make_user()
    people.close_access(person, by=administrator, reason="left")

    with pytest.raises(PersonInactiveError):
        roles.grant(
            person, role="auditor", project=make_project(), by=administrator, reason="back"
        )


def test_an_unknown_system_actor_grants_nothing() -> None:
    with pytest.raises(ValueError, match="grants no roles"):
        roles.grant(make_user(), role="administrator", by="system:import", reason="why")


def test_database_refuses_an_administrator_of_one_project() -> None:
    with pytest.raises(IntegrityError, match="everywhere"), transaction.atomic():
        Membership.objects.create(
            user=make_user(), role="administrator", project=make_project(), granted_by="x"
        )


def test_database_refuses_the_same_role_twice() -> None:
    person = make_user(role=Role.ADMINISTRATOR)

    with pytest.raises(IntegrityError, match="role_held_once"), transaction.atomic():
        Membership.objects.create(user=person, role="administrator", granted_by="x")
