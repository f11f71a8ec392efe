"""Limits of sessions as requests meet them; the row is aged, nobody sleeps."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.models import Role, Session
from ledger.models import Body
from tests.accounts.recorded import recorded
from tests.factories import give_role, make_administrator, make_project, make_user, sign_in

pytestmark = pytest.mark.django_db
PAGE, STATUS, ACTIVITY = "/me/", "/session/status/", "/session/activity/"


def age(session: Session, *, idle: float = 0, begun: float = 0) -> None:
    now = timezone.now()
    Session.objects.filter(pk=session.pk).update(
        last_activity=now - timedelta(seconds=idle),
        login_at=now - timedelta(seconds=max(idle, begun)),
    )


def idle_for(session: Session) -> float:
    row = Session.objects.get(pk=session.pk)
    return (timezone.now() - row.last_activity).total_seconds()


def test_idle_session_is_refused_recorded_and_stays_ended(client: Client) -> None:
    session = sign_in(client, make_user())
    age(session, idle=settings.SESSION_IDLE_SECONDS)

    assert client.get(PAGE).headers["Location"] == "/locked/"

    assert Session.objects.get(pk=session.pk).end == "idle"
    assert recorded("auth.session_timeout")[-1] == {
        "actor": "system:session_limits",
        "subject": session.ledger_ref,
        "reason": None,
        "payload": {"session_id": str(session.pk), "limit": "idle", "seconds": 900},
    }
    assert client.get(PAGE).headers["Location"].startswith("/sign-in/")
    assert len(recorded("auth.session_timeout")) == 1


def test_one_second_before_the_limit_the_session_goes_on(client: Client) -> None:
    session = sign_in(client, make_user())
    age(session, idle=settings.SESSION_IDLE_SECONDS - 5)

    assert client.get(PAGE).status_code == 200
    assert idle_for(session) < 5


def test_busy_session_ends_after_twelve_hours(client: Client) -> None:
    session = sign_in(client, make_user())
    age(session, begun=settings.SESSION_ABSOLUTE_SECONDS)

    assert client.get(PAGE).status_code == 302

    assert recorded("auth.session_timeout")[-1]["payload"]["limit"] == "absolute"


def test_session_from_the_future_is_ended(client: Client) -> None:
    session = sign_in(client, make_user())
    age(session, idle=-60)

    assert client.get(PAGE).status_code == 302

    assert Session.objects.get(pk=session.pk).end == "clock"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (STATUS, {}),
        (PAGE, {"X-Poll": "1"}),
        (PAGE, {"X-Poll": "1", "HX-Request": "true"}),
        (PAGE, {"Sec-Purpose": "prefetch"}),
        (PAGE, {"Sec-Fetch-Dest": "image"}),
        (PAGE, {"Sec-Fetch-Dest": "empty"}),
        ("/api/schema/", {}),
        ("/api/instances/6f9b3c1e-0000-4000-8000-000000000001/frames/1/", {}),
    ],
)
def test_polls_frames_and_prefetches_do_not_prolong(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    session = sign_in(client, make_user())
    age(session, idle=300)

    client.get(path, headers=headers)

    assert idle_for(session) >= 300


def test_polling_does_not_keep_a_session_beyond_the_limit(client: Client) -> None:
    session = sign_in(client, make_user())
    age(session, idle=settings.SESSION_IDLE_SECONDS + 1)

    answer = client.get(STATUS, headers={"X-Poll": "1"})

    assert answer.status_code == 401
    assert answer.json()["code"] == "session_ended"
    assert answer.json()["locked_url"] == "/locked/"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("get", PAGE, {}),
        ("get", PAGE, {"Sec-Fetch-Dest": "document"}),
        ("get", PAGE, {"Sec-Fetch-Dest": "empty", "HX-Request": "true"}),
        ("post", ACTIVITY, {}),
        ("put", "/api/nowhere/", {}),
    ],
)
def test_acts_of_a_person_prolong(
    client: Client, method: str, path: str, headers: dict[str, str]
) -> None:
    session = sign_in(client, make_user())
    age(session, idle=300)

    getattr(client, method)(path, headers=headers)

    assert idle_for(session) < 60


def test_api_and_htmx_learn_of_the_end_in_their_own_form(client: Client) -> None:
    for path, headers, expected in [
        ("/api/schema/", {}, (401, None)),
        (PAGE, {"HX-Request": "true"}, (401, "/locked/")),
    ]:
        session = sign_in(client, make_user())
        age(session, idle=settings.SESSION_IDLE_SECONDS)

        answer = client.get(path, headers=headers)

        assert (answer.status_code, answer.headers.get("HX-Redirect")) == expected


def test_revoked_session_is_refused_on_the_next_request(client: Client) -> None:
    session = sign_in(client, make_user())
    assert client.get(PAGE).status_code == 200

    sessions.revoke(session, by=make_administrator())

    assert client.get(PAGE).headers["Location"] == "/locked/"


def test_cookie_without_a_session_of_ours_is_refused(client: Client) -> None:
    client.force_login(make_user())

    assert client.get(PAGE).headers["Location"] == "/locked/"
    assert client.get(PAGE).headers["Location"].startswith("/sign-in/")


def test_session_of_somebody_else_does_not_carry(client: Client) -> None:
    other = sign_in(Client(), make_user())
    sign_in(client, make_user())
    stored = client.session
    stored["accounts.session"] = str(other.pk)
    stored.save()

    assert client.get(PAGE).headers["Location"] == "/locked/"


def test_lock_ends_the_session_and_shows_the_locked_page(client: Client) -> None:
    session = sign_in(client, make_user(printed_name="Ana Lima"))

    page = client.post(reverse("accounts:lock"), follow=True)

    assert "Ana Lima" in page.content.decode()
    assert Session.objects.get(pk=session.pk).end == "locked"
    assert recorded("auth.logged_out")[-1]["payload"]["manner"] == "locked"


def test_status_and_activity_tell_what_is_left(client: Client) -> None:
    session = sign_in(client, make_user())
    age(session, idle=300)

    before, after = client.get(STATUS).json(), client.post(ACTIVITY).json()

    assert 595 <= before["idle_seconds_left"] <= 600
    assert 895 <= after["idle_seconds_left"] <= 900
    assert after["absolute_seconds_left"] <= settings.SESSION_ABSOLUTE_SECONDS


def last_body() -> dict[str, Any]:
    import ledger

    return ledger.parse(bytes(Body.objects.latest("pk").body or b""))


def test_role_in_an_entry_is_the_one_held_in_its_project() -> None:
    from accounts.middleware import roles_by_stream

    here, there = make_project(), make_project()
    person = make_user(role=Role.ANNOTATOR, project=here)
    give_role(person, role=Role.AUDITOR, project=there)

    roles = roles_by_stream(list(person.memberships.current()))

    assert roles == {
        str(here.pk): "annotator",
        str(there.pk): "auditor",
        "": "annotator+auditor",
    }


def test_entries_say_session_role_and_hashed_network(client: Client) -> None:
    administrator, person = make_administrator(), make_user()
    give_role(administrator, role=Role.REGULATORY, project=make_project())
    session = sign_in(client, administrator)

    client.post(reverse("accounts:close_access", args=[person.pk]), {"reason": "left"})

    body = last_body()
    assert body["event"] == "user.deactivated"
    assert body["role"] == "administrator+regulatory"
    assert body["origin"] == {
        "device": None,
        "network": sessions.network("127.0.0.1"),
        "session": str(session.pk),
    }


def test_a_browser_gets_a_new_key_when_its_person_may_do_something_else(
    client: Client,
) -> None:
    person = make_user()
    sign_in(client, person)
    client.get(PAGE)
    before = client.session.session_key
    give_role(person, role=Role.ANNOTATOR, project=make_project())

    client.get(STATUS, headers={"X-Poll": "1"})
    client.get(PAGE, headers={"Sec-Fetch-Dest": "image"})
    assert client.session.session_key == before
    client.get(PAGE)

    after = client.session.session_key
    assert after != before
    old = Client()
    old.cookies[settings.SESSION_COOKIE_NAME] = str(before)
    assert old.get(PAGE).headers["Location"].startswith("/sign-in/")
    assert client.get(PAGE).status_code == 200
    assert client.session.session_key == after
