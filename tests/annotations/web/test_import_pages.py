"""The pages of imports."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Role
from annotations import batches
from annotations.models import ImportBatch
from tests.annotations.imaged import BROKEN, HELD, make_manager, mr_slices, take_in
from tests.factories import make_project, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


def test_batch_shows_numbers_that_add_up_and_why(
    client: Client, seal_now: Callable[[], None]
) -> None:
    project = make_project()
    take_in(*mr_slices(2), mr_slices(1)[0], HELD, BROKEN, project=project)
    seal_now()
    sign_in(client, make_manager(project))
    batch = ImportBatch.objects.get()

    answer = client.get(f"/projects/{project.slug}/import/{batch.pk}/")

    page = answer.content.decode()
    assert "5 of 5 files have an outcome" in page
    counts = {part["status"]: part["count"] for part in answer.context["parts"]}
    assert counts == {"imported": 2, "quarantined": 1, "duplicate": 1, "rejected": 1}
    assert sum(counts.values()) + answer.context["to_come"] == batch.listed
    assert "holds fewer pixels than it claims" in page
    assert all(row["seq"] is not None for row in answer.context["rows"])


def test_running_batch_asks_for_its_figures_again_without_being_an_act(client: Client) -> None:
    project = make_project()
    manager = make_manager(project)
    batch = batches.begin(project, by=manager, listed=20)
    sign_in(client, manager)

    answer = client.get(
        f"/projects/{project.slug}/import/{batch.pk}/", headers={"HX-Request": "true"}
    )

    page = answer.content.decode()
    assert "0 of 20 files have an outcome" in page
    assert "<html" not in page
    assert "X-Poll" in page


def test_finished_batch_asks_no_more(client: Client) -> None:
    project = make_project()
    take_in(BROKEN, project=project)
    sign_in(client, make_manager(project))
    batch = ImportBatch.objects.get()

    page = client.get(f"/projects/{project.slug}/import/{batch.pk}/").content.decode()

    assert "X-Poll" not in page


def test_outcomes_are_filtered(client: Client) -> None:
    project = make_project()
    take_in(*mr_slices(1), BROKEN, project=project)
    sign_in(client, make_manager(project))
    batch = ImportBatch.objects.get()

    answer = client.get(f"/projects/{project.slug}/import/{batch.pk}/", {"outcome": "rejected"})

    assert [row["file"].status for row in answer.context["rows"]] == ["rejected"]


def test_list_can_be_taken_away(client: Client, seal_now: Callable[[], None]) -> None:
    project = make_project()
    take_in(*mr_slices(1), BROKEN, project=project)
    seal_now()
    sign_in(client, make_manager(project))
    batch = ImportBatch.objects.get()

    answer = client.get(f"/projects/{project.slug}/import/{batch.pk}/list.csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["outcome"] for row in rows] == ["imported", "rejected"]
    assert all(row["entry"].isdigit() for row in rows)


def test_import_is_ended_without_its_missing_files(client: Client) -> None:
    project = make_project()
    manager = make_manager(project)
    batch = batches.begin(project, by=manager, listed=2)
    sign_in(client, manager)

    answer = client.post(f"/projects/{project.slug}/import/{batch.pk}/end/", follow=True)

    assert "Never came" in answer.content.decode()


def test_pages_of_imports_are_for_those_who_import(client: Client) -> None:
    project = make_project()
    batch = batches.begin(project, by=make_manager(project), listed=1)
    pages = ["", f"{batch.pk}/", f"{batch.pk}/list.csv"]

    for person, status in (
        (make_user(role=Role.ANNOTATOR, project=project), 403),
        (make_manager(), 404),
    ):
        sign_in(client, person)
        answers = [client.get(f"/projects/{project.slug}/import/{page}") for page in pages]
        assert {answer.status_code for answer in answers} == {status}


def test_batch_of_another_project_is_not_found(client: Client) -> None:
    mine, theirs = make_project(), make_project()
    batch = batches.begin(theirs, by=make_manager(theirs), listed=1)
    sign_in(client, make_manager(mine))

    answers = [
        client.get(f"/projects/{mine.slug}/import/{batch.pk}/"),
        client.get(f"/projects/{mine.slug}/import/{batch.pk}/list.csv"),
        client.post(f"/projects/{mine.slug}/import/{batch.pk}/end/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
