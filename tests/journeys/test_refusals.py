"""Each role is refused where it does not belong, and is told so on a page of ours."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts.models import Role
from tests.annotations.flow import make_protocol
from tests.factories import make_project, make_user
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FORBIDDEN = {
    Role.ADMINISTRATOR: ("/projects/chest/import/", "/projects/chest/quarantine/"),
    Role.DATA_MANAGER: ("/people/", "/devices/new/", "/projects/chest/reviews/"),
    Role.ANNOTATOR: (
        "/projects/chest/reviews/",
        "/projects/chest/import/",
        "/projects/chest/snapshots/",
        "/people/",
    ),
    Role.REVIEWER: ("/projects/chest/import/", "/projects/chest/assignments/", "/sessions/"),
    Role.ADJUDICATOR: ("/projects/chest/import/", "/people/", "/evidence/new/"),
    Role.REGULATORY: ("/projects/chest/import/", "/projects/chest/quarantine/", "/people/new/"),
    Role.AUDITOR: ("/projects/chest/assignments/", "/evidence/new/", "/devices/new/"),
}


@pytest.mark.parametrize("role", FORBIDDEN)
def test_role_is_refused_outside_its_own(
    chromium: Browser, live_server: Any, role: Role
) -> None:
    project = make_project(slug="chest", name="Chest")
    make_protocol(project)
    user = make_user(role=role, project=None if role == Role.ADMINISTRATOR else project)

    with Visitor(chromium, live_server.url, user) as person:
        answers = {path: person.status_of(path) for path in FORBIDDEN[role]}
        person.go(FORBIDDEN[role][0])
        expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        person.picture(f"refused-{role}")

    assert set(answers.values()) <= {403, 404}, answers
    assert person.faults == []
