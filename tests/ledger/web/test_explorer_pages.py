"""The explorer's page: what it shows, to whom, and what it refuses."""

import pytest
from django.test import Client

from accounts.models import Role
from tests.factories import make_project, make_user, sign_in
from tests.ledger.events import Thing, happen

pytestmark = pytest.mark.django_db(transaction=True)


def regulatory_client(client: Client, project: object) -> Client:
    sign_in(client, make_user(role=Role.REGULATORY, project=project))
    return client


def test_regulatory_sees_the_entries_of_the_project(client: Client) -> None:
    project = make_project()
    happen(Thing("tests.thing:shown", str(project.pk)), reason="because it was due")

    page = regulatory_client(client, project).get("/ledger/", {"stream": str(project.pk)})

    assert page.status_code == 200
    assert "thing.happened" in page.content.decode()
    assert "because it was due" in page.content.decode()
