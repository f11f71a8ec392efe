"""The checks as a page runs them: who may, what is recorded, how far they are."""

import threading
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client

import ledger
from accounts.models import Role, Session
from ledger.evidence import probing
from ledger.evidence.events import ControlProbed
from ledger.models import Entry
from tests.factories import make_project, make_user, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/evidence/checks/"


def observations() -> list[Any]:
    found = Entry.objects.filter(body__indexed__event=ControlProbed.name)
    subjects = found.values_list("body__indexed__subject", flat=True).distinct()
    return ledger.about(*subjects)


def wait_for_the_checks() -> None:
    for thread in threading.enumerate():
        if thread.name == "probes":
            thread.join(120)


def test_regulatory_runs_the_checks_and_each_observation_is_their_act(client: Client) -> None:
    regulatory = make_user(role=Role.REGULATORY, project=make_project())
    sign_in(client, regulatory)

    answer = client.post(URL)
    wait_for_the_checks()

    session = Session.objects.running().get(user=regulatory)
    made = observations()
    assert {record.actor for record in made} == {regulatory.ledger_ref}
    assert {record.origin["session"] for record in made} == {str(session.pk)}
    page = client.get(answer.headers["Location"]).content.decode()
    tried = {record.payload["control"] for record in made}
    assert f"{len(made)} observations by {len(tried)} checks, 0 faults" in page
    assert f"Last run by {regulatory.printed_name}" in page
    assert ledger.state().shape == "partly"  # nothing is wrong; no checkpoint was signed yet


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.AUDITOR, Role.DATA_MANAGER])
def test_others_cannot_run_them(client: Client, role: Role) -> None:
    sign_in(client, make_user(role=role, project=make_project()))

    assert client.post(URL).status_code == 403
    assert client.get(URL).status_code == 403
    assert observations() == []


def test_a_second_run_waits_for_the_first_and_the_page_says_so(client: Client) -> None:
    sign_in(client, make_user(role=Role.REGULATORY, project=make_project()))
    with closing(psycopg2.connect(**connection.get_connection_params())) as other:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", probing.LOCK)

        page = client.post(URL, follow=True).content.decode()

        assert "The checks are running already" in page
        assert "Somebody runs them now." in page
        assert 'hx-trigger="every 1s"' in page
        with pytest.raises(probing.ProbesRunningError):
            probing.run()
    assert observations() == []


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40, "²", "--"])
def test_any_beginning_is_answered(client: Client, after: str) -> None:
    sign_in(client, make_user(role=Role.REGULATORY, project=make_project()))

    page = client.get(URL, {"after": after})

    assert page.status_code == 200
    assert "Never run" in page.content.decode()


def test_progress_counts_the_checks_tried_since_the_run_began() -> None:
    newest = ledger.head(None)
    probing.run()

    after = newest[0] if newest else -1
    told = probing.progress(after)

    assert not told.is_running
    tried = {record.payload["control"] for record in observations()}
    assert told.tried == len(tried)
    assert tried <= set(probing.acting())
    assert told.controls == len(probing.acting())
    assert told.observations == len(observations())
    assert probing.progress(None).observations == 0
