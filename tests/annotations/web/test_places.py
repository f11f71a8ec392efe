"""Finding the project of a page: for whom it is there, and what that costs."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from tests.annotations.flow import make_item
from tests.annotations.web.addresses import page
from tests.factories import client_of, make_project, make_user

pytestmark = pytest.mark.django_db


def test_strangers_do_not_learn_that_a_project_is_there() -> None:
    project = make_project()
    stranger = client_of(make_user(role=Role.ANNOTATOR, project=make_project()))

    assert stranger.get(page("worklist", project)).status_code == 404


def test_people_of_the_project_without_the_role_are_refused() -> None:
    project = make_project()
    reviewer = client_of(make_user(role=Role.REVIEWER, project=project))

    assert reviewer.get(page("worklist", project)).status_code == 403


def test_a_reading_of_another_project_is_not_there() -> None:
    item, project = make_item(), make_project()
    annotator = client_of(make_user(role=Role.ANNOTATOR, project=project))

    assert annotator.get(page("read", project, item.pk)).status_code == 404
    assert annotator.get(page("read", project, uuid.uuid4())).status_code == 404


def test_person_roles_and_project_are_each_asked_for_once() -> None:
    item = make_item()
    client = client_of(item.annotator)

    for address in (
        page("worklist", item.project),
        page("read", item.project, item.pk),
        reverse("home"),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        for table in ("accounts_user", "accounts_membership", "accounts_project"):
            about = [q for q in asked if q["sql"].startswith(f'SELECT "{table}"')]
            assert len(about) <= 1, (address, about)
