"""The list of images."""

import pytest
from django.test import Client

from accounts.models import Role
from tests.annotations.flow import make_series
from tests.annotations.imaged import make_manager, make_real_series
from tests.counting import queries_of
from tests.factories import make_project, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


def test_manager_sees_each_series_with_its_title_and_subject(client: Client) -> None:
    series = make_real_series(slices=3)
    sign_in(client, make_manager(series.project))

    page = client.get(f"/projects/{series.project.slug}/images/").content.decode()

    assert "MR, axial, 3 slices" in page
    assert series.subject.code in page


def test_list_is_searched_filtered_and_sorted(client: Client) -> None:
    project = make_project()
    one, two = make_series(project), make_series(project)
    sign_in(client, make_manager(project))
    address = f"/projects/{project.slug}/images/"

    found = client.get(address, {"q": one.subject.code}).content.decode()
    none = client.get(address, {"modality": "US"}).content.decode()
    forward = client.get(address, {"sort": "subject"}).content.decode()
    backward = client.get(address, {"sort": "-subject"}).content.decode()

    assert one.subject.code in found
    assert two.subject.code not in found
    assert "No series matches" in none
    assert forward.index(one.subject.code) < forward.index(two.subject.code)
    assert backward.index(two.subject.code) < backward.index(one.subject.code)


def test_newest_series_come_first_unless_asked_otherwise(client: Client) -> None:
    project = make_project()
    make_series(project)
    newest = make_series(project)
    sign_in(client, make_manager(project))

    answer = client.get(f"/projects/{project.slug}/images/")

    assert answer.context["rows"][0][0] == newest
    assert '<option value="-imported" selected>' in answer.content.decode()


@pytest.mark.parametrize(
    "query", [{"page": "x"}, {"sort": "password"}, {"plane": "'"}, {"q": "\x00"}]
)
def test_odd_questions_get_a_page(client: Client, query: dict[str, str]) -> None:
    project = make_project()
    make_series(project)
    sign_in(client, make_manager(project))

    assert client.get(f"/projects/{project.slug}/images/", query).status_code == 200


def test_queries_do_not_grow_with_the_list(client: Client) -> None:
    project = make_project()
    sign_in(client, make_manager(project))

    path = f"/projects/{project.slug}/images/"
    make_series(project)
    client.get(path)
    few = queries_of(client, path)
    for _ in range(9):
        make_series(project)

    assert queries_of(client, path) == few


def test_empty_list_says_what_belongs_here(client: Client) -> None:
    project = make_project()
    sign_in(client, make_manager(project))

    assert "No images yet" in client.get(f"/projects/{project.slug}/images/").content.decode()


def test_strangers_and_roles_without_sight_are_refused(client: Client) -> None:
    project = make_project()
    sign_in(client, make_user(role=Role.REGULATORY, project=project))
    assert client.get(f"/projects/{project.slug}/images/").status_code == 403

    sign_in(client, make_manager())
    assert client.get(f"/projects/{project.slug}/images/").status_code == 404
