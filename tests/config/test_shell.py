"""What every page shows around its content."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from config.places import PLACES
from tests.counting import queries_of
from tests.factories import give_role, make_administrator, make_project, make_user, sign_in

pytestmark = pytest.mark.django_db


def shell_of(client: Client, path: str = "/me/") -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    return dict(answer.context["shell"])


def labels(shell: dict[str, Any]) -> list[str]:
    return [place["label"] for group in shell["places"] for place in group["places"]]


def test_every_place_leads_somewhere() -> None:
    project = make_project()

    assert all(place.url(project) for place in PLACES)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_each_role_reaches_every_place_it_is_shown(client: Client, role: Role) -> None:
    sign_in(client, make_user(role=role, project=make_project()))

    for group in shell_of(client)["places"]:
        for place in group["places"]:
            assert client.get(place["url"]).status_code == 200, place["label"]


def test_an_administrator_reaches_every_place_and_sees_no_work(client: Client) -> None:
    sign_in(client, make_administrator())

    shell = shell_of(client)

    assert "Worklist" not in labels(shell)
    for group in shell["places"]:
        for place in group["places"]:
            assert client.get(place["url"]).status_code == 200, place["label"]


@pytest.mark.parametrize("role", Role)
def test_nobody_has_more_than_eleven_places(role: Role) -> None:
    assert len({place.url_name for place in PLACES if role in place.roles}) <= 11


def test_roles_of_another_project_show_no_places_here(client: Client) -> None:
    here, there = make_project(name="A first"), make_project(name="B second")
    person = make_user(role=Role.ANNOTATOR, project=here)
    give_role(person, role=Role.DATA_MANAGER, project=there)
    sign_in(client, person)

    shell = shell_of(client, reverse("annotations:worklist", args=[here.slug]))
    assert "Worklist" in labels(shell)
    assert "Quarantine" not in labels(shell)

    shell = shell_of(client, reverse("annotations:images", args=[there.slug]))
    assert "Quarantine" in labels(shell)
    assert "Worklist" not in labels(shell)


def test_a_project_somebody_has_no_part_in_is_not_named(client: Client) -> None:
    secret = make_project(name="Unknown to them")
    sign_in(client, make_user(role=Role.ANNOTATOR, project=make_project()))

    answer = client.get(reverse("annotations:worklist", args=[secret.slug]))

    assert answer.status_code in {403, 404}
    assert b"Unknown to them" not in answer.content


def test_the_shell_costs_the_same_however_many_projects(client: Client) -> None:
    person = make_user(role=Role.ANNOTATOR, project=make_project())
    sign_in(client, person)

    client.get("/password/")
    one = queries_of(client, "/password/")
    for _ in range(8):
        give_role(person, role=Role.REVIEWER, project=make_project())
    client.get("/password/")  # another role: the browser gets a new key, once

    assert queries_of(client, "/password/") == one


def test_the_foot_of_a_page_never_claims_a_check_that_did_not_run(client: Client) -> None:
    sign_in(client, make_user(role=Role.AUDITOR, project=make_project()))

    page = client.get("/me/").content.decode()

    assert "not verified yet" in page.lower()
    assert "Ledger verified" not in page
