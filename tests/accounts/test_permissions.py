"""Who may do what: the whole table, role by permission."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied

from accounts import people, permissions
from accounts.models import Project, Role
from tests.factories import make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db

# Written out, not derived from the code: what each role may in its project, no more.
MAY = {
    "administrator": "view_project view_people view_ledger make_report",
    "data_manager": "view_project view_people view_ledger view_images view_records"
    " import_images decide_quarantine assign_items freeze_snapshot export_snapshot",
    "annotator": "view_project view_images annotate sign",
    "reviewer": "view_project view_images view_records review sign",
    "adjudicator": "view_project view_images view_records sign",
    "regulatory": "view_project view_people view_ledger view_records make_report",
    "auditor": "view_project view_people view_ledger view_images view_records",
}
EVERYTHING = [codename for codename, _ in Project._meta.permissions]
MAY_FOR_ALL = {
    "manage_people": {"administrator"},
    "manage_devices": {"administrator"},
    "manage_projects": {"administrator"},
    "view_people": {"administrator", "regulatory", "auditor"},
    "view_devices": {"administrator", "regulatory", "auditor"},
    "view_sessions": {"administrator", "auditor"},
    "set_session_limits": {"administrator"},
    "review_access": {"administrator"},
    "break_glass": {"administrator", "data_manager", "annotator", "reviewer", "adjudicator"},
    "review_emergency": {"administrator", "regulatory"},
    "view_ledger": {"administrator", "regulatory", "auditor"},
    "make_report": {"administrator", "regulatory"},
}


@pytest.mark.parametrize("codename", EVERYTHING)
@pytest.mark.parametrize("role", Role.values)
def test_role_may_what_the_table_says_and_nothing_else(role: str, codename: str) -> None:
    project = make_project()
    person = make_user(role=role, project=project)

    allowed = codename in MAY[role].split()

    assert permissions.has_permission(person, codename, project) is allowed
    assert person.has_perm(f"accounts.{codename}", project) is allowed
    assert Project.objects.visible_to(person, codename).exists() is allowed


@pytest.mark.parametrize("role", [role for role in Role.values if role != "administrator"])
def test_role_opens_no_other_project(role: str) -> None:
    person, other = make_user(role=role), make_project()

    for codename in EVERYTHING:
        assert not permissions.has_permission(person, codename, other)
        with pytest.raises(PermissionDenied):
            permissions.require_permission(person, codename, other)


@pytest.mark.parametrize("codename", MAY_FOR_ALL)
@pytest.mark.parametrize("role", Role.values)
def test_role_may_for_the_organisation_what_the_table_says(role: str, codename: str) -> None:
    person = make_user(role=role)

    allowed = role in MAY_FOR_ALL[codename]

    assert permissions.has_organisation_permission(person, codename) is allowed
    if not allowed:
        with pytest.raises(PermissionDenied):
            permissions.require_organisation_permission(person, codename)


def test_model_wide_grant_opens_no_project() -> None:
    person, project = make_user(), make_project()

    person.user_permissions.add(Permission.objects.get(codename="view_images"))

    assert not permissions.has_permission(person, "view_images", project)
    assert not person.has_perm("accounts.view_images", project)


def test_closed_access_may_nothing() -> None:
    project = make_project()
    person = make_user(role=Role.DATA_MANAGER, project=project)
    other = make_administrator()
    people.close_access(other, by=make_administrator(), reason="left")
    people.close_access(person, by=make_administrator(), reason="left")
    person.refresh_from_db()
    other.refresh_from_db()

    assert not permissions.has_permission(person, "view_project", project)
    assert not permissions.has_permission(other, "view_project", project)
    assert not permissions.has_organisation_permission(other, "manage_people")


def test_unknown_organisation_permission_is_a_mistake_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        permissions.has_organisation_permission(make_administrator(), "manage_everything")
