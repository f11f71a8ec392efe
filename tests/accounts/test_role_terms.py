"""Roles that end by themselves, auditors for a time, and roles that never go together."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import people, permissions, roles
from accounts.errors.people import LastAdministratorError, RoleHeldError
from accounts.errors.roles import AuditorTermError, ExpiryPastError, RolesApartError
from accounts.models import Membership, Project, ProjectUserObjectPermission, Role, User
from accounts.models.role import PROJECT_ROLES, WITH_IMAGES, apart
from accounts.web.role_pages import in_organisation, in_projects
from tests.accounts.recorded import recorded
from tests.factories import client_of, give_role, make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db


def term(**ahead: float) -> roles.Term:
    return roles.Term(expires_at=timezone.now() + timedelta(**ahead))


def granted(person: User, project: Project, until: roles.Term) -> Membership:
    return roles.grant(
        person,
        role=Role.ANNOTATOR,
        project=project,
        by=make_administrator(),
        reason="helps out",
        term=until,
    )


def run_out(membership: Membership) -> None:
    """Let the role have ended a second ago, as if time had passed."""
    at = timezone.now() - timedelta(seconds=1)
    Membership.objects.filter(pk=membership.pk).update(expires_at=at)


def test_a_term_is_recorded_beside_the_grant() -> None:
    person, project, until = make_user(), make_project(), term(days=7)

    held = granted(person, project, until)

    assert recorded("user.role_granted")[-1]["payload"]["membership_id"] == str(held.pk)
    assert recorded("user.role_expiry_set")[-1]["payload"] == {
        "membership_id": str(held.pk),
        "person_id": str(person.pk),
        "role": "annotator",
        "scope": project.ledger_ref,
        "expires": f"{until.expires_at:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


def test_a_role_opens_nothing_from_the_moment_it_ends_whatever_rows_are_left() -> None:
    person, project = make_user(), make_project()
    held = granted(person, project, term(days=7))
    assert permissions.has_permission(person, "annotate", project)
    run_out(held)

    assert ProjectUserObjectPermission.objects.filter(user=person).exists()
    for codename in PROJECT_ROLES[Role.ANNOTATOR]:
        assert not permissions.has_permission(person, codename, project)
        assert not person.has_perm(f"accounts.{codename}", project)
        assert not Project.objects.visible_to(person, codename).exists()
    assert not person.memberships.current().exists()


def test_an_administrator_whose_time_is_over_administers_nothing() -> None:
    make_administrator()
    person = make_user()
    held = roles.grant(
        person,
        role=Role.ADMINISTRATOR,
        by=make_administrator(),
        reason="covers a holiday",
        term=term(days=7),
    )
    client = client_of(person)
    assert client.get("/people/").status_code == 200
    run_out(held)

    assert client.get("/people/").status_code == 403
    assert not Project.objects.visible_to(person).exists()


def test_the_end_is_recorded_once_by_the_clock_and_its_rows_go() -> None:
    person, project = make_user(), make_project()
    held = granted(person, project, term(days=7))
    run_out(held)
    out = StringIO()

    call_command("end_expired_roles", stdout=out)
    call_command("end_expired_roles", stdout=StringIO())

    assert out.getvalue() == "1 roles ended\n"
    held.refresh_from_db()
    assert held.ended_at == held.expires_at
    assert not ProjectUserObjectPermission.objects.filter(user=person).exists()
    entries = recorded("user.role_expired")
    assert [(e["actor"], e["subject"]) for e in entries] == [
        ("system:role_expiry", person.ledger_ref)
    ]
    assert entries[0]["payload"]["expired"] == held.expiry


def test_a_role_that_goes_on_is_not_ended() -> None:
    granted(make_user(), make_project(), term(days=7))

    assert roles.end_expired() == 0
    assert permissions.orphans() == 0


def test_a_role_that_ran_out_can_be_given_again() -> None:
    person, project = make_user(), make_project()
    first = granted(person, project, term(days=7))
    with pytest.raises(RoleHeldError):
        granted(person, project, term(days=7))
    run_out(first)

    granted(person, project, term(days=7))

    assert permissions.has_permission(person, "annotate", project)
    assert len(recorded("user.role_expired")) == 1


def test_an_end_that_is_past_is_refused() -> None:
    with pytest.raises(ExpiryPastError):
        granted(make_user(), make_project(), term(seconds=-1))

    assert recorded("user.role_granted")[-1]["payload"]["role"] != "annotator"


@pytest.mark.parametrize(
    "until", [None, term(days=91), roles.Term(expires_at=term(days=91).expires_at)]
)
def test_an_auditor_comes_for_a_time(until: roles.Term | None) -> None:
    with pytest.raises(AuditorTermError):
        roles.grant(
            make_user(),
            role=Role.AUDITOR,
            project=make_project(),
            by=make_administrator(),
            reason="inspection",
            term=until,
        )


def test_a_longer_time_says_why_on_record() -> None:
    roles.grant(
        make_user(),
        role=Role.AUDITOR,
        project=make_project(),
        by=make_administrator(),
        reason="inspection",
        term=roles.Term(
            expires_at=timezone.now() + timedelta(days=180),
            longer_because="The inspection lasts two quarters",
        ),
    )

    assert recorded("user.role_expiry_set")[-1]["reason"] == "The inspection lasts two quarters"


@pytest.mark.parametrize("role", sorted(WITH_IMAGES))
def test_nobody_gives_access_and_sees_images(role: str) -> None:
    administrator, worker = make_administrator(), make_user(role=role)

    with pytest.raises(RolesApartError, match="Administrators see no images"):
        give_role(administrator, role=role, project=make_project())
    with pytest.raises(RolesApartError, match="Administrators see no images"):
        roles.grant(
            worker, role=Role.ADMINISTRATOR, by=make_administrator(), reason="helps out"
        )


def test_an_auditor_does_not_work_in_the_audited_project() -> None:
    here, person = make_project(), make_user()
    give_role(person, role=Role.REVIEWER, project=here)

    with pytest.raises(RolesApartError, match="An auditor does not work"):
        give_role(person, role=Role.AUDITOR, project=here)
    give_role(person, role=Role.AUDITOR, project=make_project())


def test_roles_that_were_ended_keep_nobody_from_another() -> None:
    administrator, person = make_administrator(), make_user(role=Role.ANNOTATOR)
    roles.revoke(person.memberships.get(), by=administrator, reason="moves on")

    roles.grant(person, role=Role.ADMINISTRATOR, by=administrator, reason="moves on")

    assert person.memberships.current().get().role == Role.ADMINISTRATOR


def test_an_administrator_for_a_time_is_no_successor() -> None:
    last = make_administrator()
    deputy = make_user()
    roles.grant(deputy, role=Role.ADMINISTRATOR, by=last, reason="covers", term=term(days=7))

    with pytest.raises(LastAdministratorError):
        people.close_access(last, by=deputy, reason="left")


def test_apart_is_the_same_both_ways() -> None:
    for one in Role.values:
        for other in Role.values:
            assert apart(one, other) == apart(other, one)
        assert not apart(one, one)


def test_no_permission_is_left_without_a_role() -> None:
    project = make_project()
    people_here = [make_user(role=role, project=project) for role in PROJECT_ROLES]
    assert permissions.orphans() == 0

    Membership.objects.filter(user=people_here[0]).update(ended_at=timezone.now())

    assert permissions.orphans() == len(PROJECT_ROLES[people_here[0].memberships.get().role])


def test_the_table_on_the_page_is_what_the_server_answers(client: Client) -> None:
    project = make_project()
    holders = [make_user(role=role, project=project) for role in Role]
    codenames = [codename for codename, _ in Project._meta.permissions]

    for codename, (_, answers) in zip(codenames, in_projects(), strict=True):
        asked = [permissions.has_permission(one, codename, project) for one in holders]
        assert (codename, asked) == (codename, answers)
    from accounts.models.role import ORGANISATION_TITLES

    for codename, (_, answers) in zip(ORGANISATION_TITLES, in_organisation(), strict=True):
        asked = [permissions.has_organisation_permission(one, codename) for one in holders]
        assert (codename, asked) == (codename, answers)
    page = client_of(holders[0]).get("/people/roles/").content.decode()
    assert "0 permissions left over" in page


def test_every_permission_of_the_organisation_has_a_title() -> None:
    from accounts.models.role import ORGANISATION_ROLES, ORGANISATION_TITLES

    assert set(ORGANISATION_ROLES) == set(ORGANISATION_TITLES)


def test_the_page_answers_from_entries_what_somebody_could_do_on_a_day() -> None:
    project, person = make_project(name="Anatomy"), make_user()
    granted(person, project, term(days=7))
    recorded()
    client = client_of(make_administrator())
    Membership.objects.update(granted_at=timezone.now() - timedelta(days=400))
    page = f"/people/{person.pk}/"

    def could(**ahead: float) -> list[str]:
        day = (timezone.now() + timedelta(**ahead)).date()
        found: list[str] = client.get(page, {"day": f"{day}"}).context["day_could"]
        return found

    assert "Mark images" in could(days=0)
    assert "Mark images" in could(days=7)
    assert could(days=8) == []
    assert could(days=-1) == []  # whatever the table says
    assert "Annotator, Anatomy, from" in client.get(page).content.decode()


def test_an_auditor_without_an_end_is_refused_in_place() -> None:
    person, project = make_user(), make_project()
    client = client_of(make_administrator())
    given = {"role": "auditor", "project": project.pk, "reason": "inspection"}

    refused = client.post(f"/people/{person.pk}/roles/", given)
    day = (timezone.now() + timedelta(days=30)).date()
    taken = client.post(f"/people/{person.pk}/roles/", {**given, "ends": f"{day}"})

    assert refused.status_code == 422
    assert "auditor&#x27;s role ends by itself" in refused.content.decode()
    assert taken.status_code == 302
    assert person.memberships.get().expires_at is not None
