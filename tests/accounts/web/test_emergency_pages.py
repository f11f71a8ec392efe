"""Pages of emergency access: asked for, signed, open for an hour in one session, reviewed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import data_permissions, permissions, sessions
from accounts.models import EmergencyAccess, Role, Session
from annotations.models import Subject
from tests.accounts import breaking
from tests.accounts.breaking import WHY, broken, is_open, set_back
from tests.accounts.recorded import recorded
from tests.annotations import flow, imaged
from tests.factories import (
    PASSWORD,
    make_administrator,
    make_project,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)  # signing commits by itself

POLL = {"X-Poll": "1"}  # a poll never moves the last activity, which would be one query more


@pytest.fixture
def subject() -> Subject:
    return flow.make_subject(make_project())


def test_a_page_opens_the_images_of_that_subject_and_of_no_other(client: Client) -> None:
    series = imaged.make_real_series(slices=1)
    image = series.instances.get()
    person = make_user(role=Role.REVIEWER)
    session = sign_in(client, person)
    access = broken(series.subject, by=person, session=session)
    other = imaged.make_real_series(slices=1)
    page = f"/emergency/{access.pk}/images/"

    shown = client.get(page)
    picture = client.get(f"{page}{image.pk}/0/")
    foreign = client.get(f"{page}{other.instances.get().pk}/0/")
    anywhere = client.get(f"/api/instances/{image.pk}/frames/0/")

    assert shown.status_code == 200
    assert "Emergency access to" in shown.content.decode()
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert foreign.status_code == 404
    assert anywhere.status_code == 404  # no other door opens with it
    assert not permissions.has_permission(person, "view_images", series.project)
    viewed = recorded("image.viewed")
    assert [e["payload"]["purpose"] for e in viewed] == ["emergency access"]
    assert viewed[0]["subject"] == series.ledger_ref


def test_a_withdrawal_holds_in_emergencies_too(client: Client) -> None:
    series = imaged.make_real_series(slices=1)
    person = make_user(role=Role.REVIEWER)
    access = broken(series.subject, by=person, session=sign_in(client, person))
    page = f"/emergency/{access.pk}/images/"

    data_permissions.withdraw_subject(
        series.project,
        subject_ref=series.subject.ledger_ref,
        by=make_user(role=Role.DATA_MANAGER, project=series.project),
        reason="the person asked",
    )

    assert client.get(page).status_code == 409
    assert client.get(f"{page}{series.instances.get().pk}/0/").status_code == 409
    assert not recorded("image.viewed")


def test_a_second_past_the_hour_neither_page_nor_picture_opens(client: Client) -> None:
    series = imaged.make_real_series(slices=1)
    person = make_user(role=Role.REVIEWER)
    access = broken(series.subject, by=person, session=sign_in(client, person))
    page = f"/emergency/{access.pk}/images/"
    banner = "Every image opened is recorded and reviewed"
    assert banner in client.get("/me/").content.decode()
    set_back(access, minutes=60, seconds=1)

    assert client.get(page).status_code == 409
    assert client.get(f"{page}{series.instances.get().pk}/0/").status_code == 409
    assert banner not in client.get("/me/").content.decode()
    assert not recorded("image.viewed")


def test_a_session_that_ended_takes_the_emergency_with_it(client: Client) -> None:
    series = imaged.make_real_series(slices=1)
    person = make_user(role=Role.REVIEWER)
    session = sign_in(client, person)
    access = broken(series.subject, by=person, session=session)
    sessions.end(session, how=Session.End.LOCKED, by=person)
    sign_in(client, person)

    assert client.get(f"/emergency/{access.pk}/images/").status_code == 409


def test_it_is_asked_for_and_signed_on_the_pages(client: Client, subject: Subject) -> None:
    person = make_user(role=Role.REVIEWER)
    sign_in(client, person)
    given = {"project": subject.project.slug, "subject": subject.code, "reason": WHY}
    before = client.session.session_key

    wrong = client.post("/emergency/", {**given, "subject": "S-9999"})
    asked = client.post("/emergency/", given)
    page = asked.headers["Location"]
    request = client.get(page).context["asked"]
    answer = {"request": request.pk, "identifier": person.email}
    refused = client.post(f"{page}sign/", {**answer, "password": "wrong"})
    request = client.get(page).context["asked"]
    answer = {"request": request.pk, "identifier": person.email, "password": PASSWORD}
    opened = client.post(f"{page}sign/", answer)

    assert wrong.status_code == 422
    assert "no such subject" in wrong.content.decode()
    assert WHY in wrong.content.decode()
    assert refused.status_code == 409
    assert opened.headers["Location"] == page
    assert client.session.session_key != before
    assert is_open(EmergencyAccess.objects.get())


def test_strangers_learn_nothing_of_it(client: Client, subject: Subject) -> None:
    access = broken(subject)
    sign_in(client, make_user(role=Role.REVIEWER, project=subject.project))

    assert client.get(f"/emergency/{access.pk}/").status_code == 404
    assert client.post(f"/emergency/{access.pk}/end/").status_code == 404
    assert client.post(f"/emergency/{access.pk}/review/").status_code == 404
    assert is_open(access)


def test_many_emergencies_cost_as_many_queries_as_few(client: Client, subject: Subject) -> None:
    sign_in(client, make_administrator())
    broken(subject)
    client.get("/emergency/", headers=POLL)
    with CaptureQueriesContext(connection) as few:
        client.get("/emergency/", headers=POLL)
    for _ in range(3):
        breaking.broken(subject)
    with CaptureQueriesContext(connection) as many:
        client.get("/emergency/", headers=POLL)

    assert len(many) == len(few)
