"""The pages of bundles: asked for, watched, taken away, and closed to everybody else."""

import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

import ledger
from accounts.models import Project, Role
from ledger.bundle import keeping, making
from ledger.bundle.models import Bundle
from ledger.bundle.scope import Scope
from tests.counting import queries_of
from tests.factories import client_of, make_project, make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/ledger/bundles/"


def signed_in(client: Client, role: str, project: Project) -> Client:
    sign_in(client, make_user(role=role, project=project))
    return client


def wait_for_threads() -> None:
    """Let bundles under way be finished, as they would be while a person waits."""
    for thread in threading.enumerate():
        if thread.name.startswith("bundle-"):
            thread.join(60)
    connections.close_all()


def asked(project: Project) -> Bundle:
    return making.request(Scope(key=str(project.pk)), by="system:tests")


def made(project: Project) -> Bundle:
    bundle = asked(project)
    making.carry_out_in_background(bundle)
    wait_for_threads()
    bundle.refresh_from_db()
    return bundle


def test_an_auditor_asks_for_a_bundle_and_takes_it_away(client: Client) -> None:
    project = make_project(name="Chest")
    signed_in(client, Role.AUDITOR, project)

    answer = client.post(f"{URL}new/", {"stream": str(project.pk), "what": "whole"})
    wait_for_threads()

    bundle = Bundle.objects.get()
    assert answer.headers["Location"] == f"{URL}{bundle.pk}/"
    page = client.get(f"{URL}{bundle.pk}/").content.decode()
    assert bundle.sha256 in page
    assert "localhost/ledger/org+" in page
    file = client.get(f"{URL}{bundle.pk}/bundle.zip")
    content = b"".join(file.streaming_content)  # type: ignore[attr-defined]  # a FileResponse
    assert ledger.sha256_hex(content) == bundle.sha256
    assert "no-store" in file.headers["Cache-Control"]
    assert bundle.sha256[:12] in file.headers["Content-Disposition"]
    assert [e.event for e in ledger.about(bundle.ledger_ref)] == [
        "ledger.export_created",
        "ledger.export_downloaded",
    ]
    created = ledger.about(bundle.ledger_ref)[0]
    assert created.origin["session"] is not None  # the thread knows whose act it is
    assert "Taken away" in client.get(f"{URL}{bundle.pk}/").content.decode()


@pytest.mark.parametrize("ending", ["", "bundle.zip"])
@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.ANNOTATOR, Role.REVIEWER])
def test_other_roles_find_nothing(role: str, ending: str) -> None:
    project = make_project()
    bundle = made(project)
    client = client_of(make_user(role=role, project=project))

    assert client.get(f"{URL}{bundle.pk}/{ending}").status_code == 404
    assert client.get(URL).status_code == 403
    form = {"stream": str(project.pk), "what": "whole"}
    assert client.post(f"{URL}new/", form).status_code == 403
    assert Bundle.objects.count() == 1


@pytest.mark.parametrize("ending", ["", "bundle.zip"])
def test_a_bundle_of_another_project_is_not_there(client: Client, ending: str) -> None:
    there = make_project()
    bundle = made(there)
    signed_in(client, Role.AUDITOR, make_project())

    assert client.get(f"{URL}{bundle.pk}/{ending}").status_code == 404
    assert str(bundle.pk) not in client.get(URL).content.decode()
    form = {"stream": str(there.pk), "what": "whole"}
    assert client.post(f"{URL}new/", form).status_code == 422
    assert len(ledger.about(bundle.ledger_ref)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": ""}, "Choose what it shows."),
        ({"what": "period"}, "Give the first day, the last, or both."),
        ({"what": "period", "since": "2026-02-02", "until": "2026-01-01"}, "exchange the two"),
        ({"what": "period", "since": "soon"}, "Enter a valid date"),
        ({"what": "period", "since": "0001-01-01"}, "Give a year from"),
        ({"what": "record"}, "Name the record."),
        ({"what": "record", "record": "<b>"}, "as it stands in its entries"),
        ({"stream": str(uuid.uuid4())}, "not one of the available choices"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(
    client: Client, changed: dict[str, str], said: str
) -> None:
    project = make_project()
    signed_in(client, Role.REGULATORY, project)

    answer = client.post(f"{URL}new/", {"stream": str(project.pk), "what": "whole", **changed})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Bundle.objects.exists()


def test_what_cannot_be_made_says_why_on_its_page(client: Client) -> None:
    project = make_project()
    signed_in(client, Role.AUDITOR, project)
    form = {"stream": str(project.pk), "what": "period", "until": "2020-01-01"}

    answer = client.post(f"{URL}new/", form)
    wait_for_threads()

    page = client.get(answer.headers["Location"]).content.decode()
    assert "No entry is within what was asked for" in page
    assert "Ask again" in page


def test_one_that_fell_silent_is_shown_as_interrupted(client: Client) -> None:
    project = make_project()
    bundle = asked(project)
    signed_in(client, Role.AUDITOR, project)
    progress = client.get(f"{URL}{bundle.pk}/", headers={"HX-Request": "true"})
    assert "hx-trigger" in progress.content.decode()

    Bundle.objects.update(beat_at=timezone.now() - timedelta(minutes=2))

    page = client.get(f"{URL}{bundle.pk}/").content.decode()
    assert "Making it was interrupted" in page
    assert "hx-trigger" not in page
    assert "Interrupted" in client.get(URL).content.decode()


def test_the_page_that_waited_is_replaced_when_it_is_made(client: Client) -> None:
    project = make_project()
    bundle = made(project)
    signed_in(client, Role.AUDITOR, project)

    answer = client.get(f"{URL}{bundle.pk}/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Refresh"] == "true"


def test_a_file_whose_time_is_over_is_said_to_be_gone(client: Client) -> None:
    project = make_project()
    bundle = made(project)
    Bundle.objects.update(file_until=timezone.now() - timedelta(days=1))
    assert keeping.expire() == 1
    signed_in(client, Role.AUDITOR, project)

    answer = client.get(f"{URL}{bundle.pk}/bundle.zip", follow=True)

    assert "not kept any more" in answer.content.decode()
    assert not Path(bundle.file_path).exists()
    assert client.get(f"{URL}{asked(project).pk}/bundle.zip").status_code == 404


def test_the_list_costs_the_same_for_many(client: Client) -> None:
    project = make_project()
    signed_in(client, Role.AUDITOR, project)
    asked(project)
    one = queries_of(client, URL)

    for _ in range(9):
        asked(project)

    assert queries_of(client, URL) == one
    assert client.get(URL, {"stream": "nobody"}).status_code == 400
    assert "No bundle matches" in client.get(URL, {"q": "ff"}).content.decode()
