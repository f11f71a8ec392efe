"""The gate: sign in, sign out, the locked screen and the own password."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people
from accounts.models import Session, User
from tests.accounts.recorded import recorded
from tests.factories import PASSWORD, make_administrator, make_user, sign_in

pytestmark = pytest.mark.django_db
NEW = "a-sentence-nobody-else-knows"
SIGN_IN = "/sign-in/"


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> None:
    cache.clear()


def submit(client: Client, account: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": account, "password": password, **more})


def test_gate_shows_no_count_and_nobody_is_asked_to_sign_up(client: Client) -> None:
    page = client.get(SIGN_IN)

    assert page.status_code == 200
    assert b"sign up" not in page.content.lower()
    assert client.get("/signup/").status_code in {302, 404}
    assert page.headers["Cache-Control"].startswith("max-age=0")


def test_right_password_begins_a_session_and_is_recorded(client: Client) -> None:
    person = make_user()

    answer = submit(client, person.email.upper())

    assert answer.status_code == 302
    session = Session.objects.running().get(user=person)
    assert recorded("auth.login_succeeded")[-1]["subject"] == session.ledger_ref
    assert client.get(reverse("accounts:status")).json()["state"] == "open"


def test_sign_in_makes_a_new_cookie(client: Client) -> None:
    client.get(SIGN_IN)
    session = client.session
    session["before"] = True
    session.save()
    before = session.session_key

    submit(client, make_user().email)

    assert client.session.session_key != before


@pytest.mark.parametrize(
    "account", ["known", "unknown", "closed", "look-alike", "not-an-address"]
)
def test_whoever_does_not_get_in_reads_the_same(client: Client, account: str) -> None:
    known = make_user(email="known@example.org")
    closed = make_user(email="closed@example.org")
    people.close_access(closed, by=make_administrator(), reason="left")
    typed = {
        "known": (known.email, "wrong password here"),
        "unknown": ("unknown@example.org", PASSWORD),
        "closed": (closed.email, PASSWORD),
        "look-alike": ("kn0wn@example.org", PASSWORD),
        "not-an-address": ("nonsense", PASSWORD),
    }[account]

    answer = submit(client, *typed)

    assert answer.status_code == 422
    if account != "not-an-address":
        assert "The account and the password do not match." in answer.content.decode()
        assert len(recorded("auth.login_failed")) == 1
    assert not Session.objects.exists()
    assert "wrong password here" not in str(recorded())


def test_failure_is_recorded_about_the_person_whose_name_was_used(client: Client) -> None:
    person = make_user()

    submit(client, person.email, "wrong password here")
    submit(client, "nobody@example.org", "wrong password here")

    entries = recorded("auth.login_failed")
    assert [entry["subject"] for entry in entries] == [
        person.ledger_ref,
        "accounts.anonymous:unknown",
    ]
    assert {entry["actor"] for entry in entries} == {"accounts.anonymous:unknown"}
    assert {entry["payload"]["failure_class"] for entry in entries} == {"credentials"}


def test_five_failures_lock_the_account_for_that_address_and_say_so_once(
    client: Client,
) -> None:
    person = make_user()
    for _ in range(4):
        assert submit(client, person.email, "wrong password here").status_code == 422

    fifth = submit(client, person.email, "wrong password here")
    right = submit(client, person.email)

    assert fifth.status_code == 429
    assert right.status_code == 429
    assert "15 minutes" in right.content.decode()
    assert not Session.objects.exists()
    assert [entry["payload"] for entry in recorded("auth.locked_out")] == [
        {"failures": 5, "seconds": 900}
    ]
    assert recorded("auth.login_failed")[-1]["payload"]["failure_class"] == "locked_out"


def test_a_thousand_failures_elsewhere_do_not_lock_the_person_out(client: Client) -> None:
    person = make_user()
    for _ in range(5):
        submit(client, person.email, "wrong password here")
    AccessAttempt.objects.update(failures_since_start=1000)

    elsewhere = client.post(
        SIGN_IN,
        {"login": person.email, "password": PASSWORD},
        REMOTE_ADDR="198.51.100.9",
    )

    assert elsewhere.status_code == 302


def test_other_spellings_share_one_count(client: Client) -> None:
    make_user(email="jonas@example.org")
    for account in ("jonas@example.org", "JONAS@example.org", "j0nas@example.org") * 2:
        answer = submit(client, account, "wrong password here")

    assert answer.status_code == 429


def test_what_is_typed_into_the_account_field_is_kept_nowhere(client: Client) -> None:
    submit(client, "my-secret-password@example.org", "another secret words")

    kept = str(list(AccessAttempt.objects.values())) + str(recorded())
    assert "my-secret-password" not in kept
    assert "another secret words" not in kept


def test_sign_out_ends_the_session_by_post_alone(client: Client) -> None:
    session = sign_in(client, make_user())

    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")

    assert Session.objects.get(pk=session.pk).end == "signed_out"
    assert recorded("auth.logged_out")[-1]["payload"]["manner"] == "signed_out"
    assert client.get(reverse("accounts:my_record")).status_code == 302


def test_forged_post_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)

    assert submit(strict, make_user().email).status_code == 403


def test_redirect_after_sign_in_stays_on_this_site(client: Client) -> None:
    answer = submit(client, make_user().email, next="https://evil.example/")

    assert answer.status_code == 302
    assert not answer.headers["Location"].startswith("https://evil")


def test_locked_page_says_why_and_leads_back(client: Client) -> None:
    person = make_user(printed_name="Jonas Berg")
    session = sign_in(client, person)
    past = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1)
    Session.objects.filter(pk=session.pk).update(last_activity=past)

    refused = client.get(reverse("accounts:my_record") + "?day=1")
    page = client.get(refused.headers["Location"]).content.decode()

    assert refused.headers["Location"] == reverse("accounts:locked")
    assert "Locked after 15 minutes without activity" in page
    assert "Jonas Berg" in page
    assert 'value="/me/?day=1"' in page
    back = submit(client, person.email, next="/me/?day=1")
    assert back.headers["Location"] == "/me/?day=1"


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://testserver/people/?q=a", "/people/"),
        ("https://evil.example/people/", ""),
        ("http://testserver/locked/", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_locked_page_leads_back_to_the_page_that_locked(
    client: Client, referrer: str, back: str
) -> None:
    sign_in(client, make_user())
    client.post(reverse("accounts:lock"))

    page = client.get(reverse("accounts:locked"), headers={"Referer": referrer})

    assert f'name="next" value="{back}"' in page.content.decode()


def test_locked_page_tells_strangers_nothing(client: Client) -> None:
    make_user(printed_name="Jonas Berg")

    assert client.get(reverse("accounts:locked")).headers["Location"] == SIGN_IN


def temporary(person: User) -> User:
    person.temporary_password = True
    person.save()
    return person


def test_temporary_password_opens_one_page_only(client: Client) -> None:
    sign_in(client, temporary(make_user()))

    assert client.get(reverse("accounts:my_record")).headers["Location"] == "/password/"
    assert client.get("/api/schema/").status_code == 403
    assert client.get("/password/").status_code == 200


def test_own_password_is_chosen_and_asked_for_again(client: Client) -> None:
    person = temporary(make_user())
    sign_in(client, person)

    answer = client.post("/password/", {"old": PASSWORD, "new": NEW, "again": NEW})

    assert answer.headers["Location"] == SIGN_IN
    person.refresh_from_db()
    assert not person.temporary_password
    assert submit(client, person.email, NEW).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "wrong", "new": NEW, "again": NEW}, "present password is not right"),
        ({"old": PASSWORD, "new": NEW, "again": NEW + "x"}, "two new passwords differ"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "too short"),
        ({}, "This field is required"),
    ],
)
def test_refused_password_says_why_in_place(
    client: Client, typed: dict[str, str], said: str
) -> None:
    sign_in(client, make_user())

    answer = client.post("/password/", typed)

    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_signing_in_is_not_announced_by_a_message(client: Client) -> None:
    person = make_user()

    page = client.post(SIGN_IN, {"login": person.email, "password": PASSWORD}, follow=True)

    assert person.printed_name in page.content.decode()
    assert list(page.context["messages"]) == []
    assert b"uccessfully" not in page.content


def test_whoever_signs_in_a_third_time_is_told_what_ended(client: Client) -> None:
    person = make_user()
    first, _ = (sign_in(Client(), person) for _ in range(2))

    submit(client, person.email)
    page = client.get(reverse("accounts:my_record"))

    assert "Your oldest session has ended" in page.content.decode()
    assert f"{first.login_at:%H:%M} UTC" in page.content.decode()
    submit(client, person.email)
    again = client.get(reverse("accounts:my_record"))
    assert "Your oldest session has ended" not in again.content.decode()
