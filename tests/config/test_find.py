"""The find field goes where the answer is, and never where the person may not."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from tests.factories import make_administrator, make_project, make_user, sign_in

pytestmark = pytest.mark.django_db


def found(client: Client, words: str) -> str:
    answer = client.get("/find/", {"q": words})
    assert answer.status_code == 302
    return str(answer["Location"])


@pytest.mark.parametrize("words", ["#1,234", "1234", "# 1234", " #1234 "])
def test_a_position_leads_to_its_entry(client: Client, words: str) -> None:
    project = make_project()
    sign_in(client, make_user(role=Role.AUDITOR, project=project))

    assert found(client, words) == f"/ledger/{project.pk}/1234/"


def test_a_whole_hash_is_looked_for_in_the_record(client: Client) -> None:
    project = make_project()
    sign_in(client, make_user(role=Role.AUDITOR, project=project))

    assert found(client, "AB" * 32) == f"/ledger/?stream={project.pk}&q={'AB' * 32}"
    assert "/ledger/" not in found(client, "AB" * 31)


def test_an_administrator_means_the_organisation(client: Client) -> None:
    sign_in(client, make_administrator())

    assert found(client, "#7") == "/ledger/org/7/"


def test_words_search_the_list_where_the_role_works(client: Client) -> None:
    project = make_project()
    sign_in(client, make_user(role=Role.ANNOTATOR, project=project))

    worklist = reverse("annotations:worklist", args=[project.slug])
    assert found(client, "SUBJ-0041 & more") == f"{worklist}?q=SUBJ-0041+%26+more"


def test_an_annotator_is_not_sent_to_the_ledger(client: Client) -> None:
    sign_in(client, make_user(role=Role.ANNOTATOR, project=make_project()))

    assert "ledger" not in found(client, "#12")


@pytest.mark.parametrize(
    "words", ["", "\x00", "x" * 5000, "#99999999999999999999999", "%00<b>"]
)
def test_whatever_is_typed_is_answered(client: Client, words: str) -> None:
    sign_in(client, make_user(role=Role.AUDITOR, project=make_project()))

    answer = client.get("/find/", {"q": words}, follow=True)

    assert answer.status_code in {200, 404}


def test_nobody_finds_without_signing_in(client: Client) -> None:
    assert "/sign-in/" in found(client, "#1")
