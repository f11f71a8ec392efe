"""Opening projects."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import projects
from accounts.errors.people import SlugTakenError
from accounts.models import Role
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_project, make_user

pytestmark = pytest.mark.django_db


def test_project_is_opened_in_its_own_stream() -> None:
    project = projects.create(slug="anatomy", name="Anatomy", by=make_administrator())

    assert project.ledger_stream == str(project.pk)
    assert recorded("project.created")[-1]["payload"] == {
        "project_id": str(project.pk),
        "slug": "anatomy",
        "title": "Anatomy",
    }


def test_refused_projects_are_not_recorded() -> None:
    administrator = make_administrator()
    make_project(slug="anatomy")

    with pytest.raises(SlugTakenError):
        projects.create(slug="anatomy", name="Again", by=administrator)
    for wrong in ({"slug": "No Slug", "name": "x"}, {"slug": "x", "name": " "}):
        with pytest.raises(ValidationError):
            projects.create(**wrong, by=administrator)
    with pytest.raises(PermissionDenied):
        projects.create(slug="x", name="X", by=make_user(role=Role.DATA_MANAGER))
    with pytest.raises(ValueError, match="opens no projects"):
        projects.create(slug="x", name="X", by="system:import")

    assert len(recorded("project.created")) == 2  # what the test itself needed
