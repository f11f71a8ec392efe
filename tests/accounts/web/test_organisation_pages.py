"""Signing in through the organisation, against an identity provider in its own process."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts import people
from accounts.identity_provider import factors_of
from accounts.models import Session, User
from tests.accounts.identity_server import CLIENT
from tests.accounts.recorded import recorded
from tests.accounts.web.conftest import Provider
from tests.factories import make_administrator

pytestmark = pytest.mark.django_db
GO = "/sign-in/organisation/hospital/"


def sent_back(client: Client, address: str = GO) -> str:
    """Go to the provider and return where it sends the browser back to."""
    there = client.get(address).headers["Location"]
    return requests.get(there, allow_redirects=False, timeout=10).headers["Location"]


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def attempt(client: Client) -> Any:
    return client.get(path_of(sent_back(client)))


def refused(client: Client, answer: Any) -> list[str]:
    """Require that nobody is signed in, and return what the record says of it."""
    assert answer.headers["Location"] == "/sign-in/"
    assert not Session.objects.exists()
    assert "did not let you in here" in client.get("/sign-in/").content.decode()
    return [entry["payload"]["failure_class"] for entry in recorded("auth.login_failed")]


def test_a_linked_person_signs_in_and_the_factors_are_on_record(
    client: Client, person: User
) -> None:
    answer = attempt(client)

    assert answer.status_code == 302
    session = Session.objects.running().get(user=person)
    said = recorded("auth.login_succeeded")[-1]
    assert said["subject"] == session.ledger_ref
    assert said["payload"]["factors"] == [
        "identity_provider",
        "amr:pwd",
        "amr:otp",
        "amr:mfa",
        "acr:urn:example:silver",
    ]
    assert client.get("/session/status/").json()["state"] == "open"


def test_the_question_has_a_state_a_nonce_and_a_challenge(
    client: Client, provider: Provider, person: User
) -> None:
    attempt(client)
    first = provider.asked()
    Session.objects.all().delete()
    attempt(Client())
    second = provider.asked()

    assert first["code_challenge_method"] == "S256"
    assert first["scope"] == "openid"
    assert first["response_type"] == "code"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 16
        assert first[name] != second[name]


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong nonce": ({"claims": {"nonce": "another"}}, "nonce"),
    "no nonce": ({"claims": {"nonce": None}}, "token"),
    "wrong audience": ({"claims": {"aud": "another"}}, "token"),
    "several audiences": ({"claims": {"aud": [CLIENT, "other"], "azp": "other"}}, "audience"),
    "other issuer": ({"claims": {"iss": "https://evil.example"}}, "token"),
    "discovery of another issuer": (
        {"discovered_issuer": "https://evil.example"},
        "unreachable",
    ),
    "mixed up": ({"says_iss": "https://evil.example"}, "issuer"),
    "unsigned": ({"signed": "none"}, "token"),
    "signed with the public key as a secret": ({"signed": "HS256"}, "token"),
    "signed with another key": ({"signed": "other key"}, "token"),
    "unknown key": ({"kid": "two"}, "token"),
    "expired": ({"claims": {"exp": 1, "iat": 0}}, "token"),
    "from the future": ({"claims": {"iat": 2**33, "exp": 2**34}}, "token"),
    "without a subject": ({"claims": {"sub": None}}, "token"),
    "somebody nobody linked": ({"claims": {"sub": "subject-2"}}, "unlinked"),
    "the same e-mail, not linked": (
        {"claims": {"sub": "x", "email": "jonas@example.org"}},
        "unlinked",
    ),
}


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize("lie", LIES)
def test_whatever_is_not_right_signs_nobody_in(
    client: Client, provider: Provider, lie: str
) -> None:
    told, why = LIES[lie]
    if "discovered_issuer" in told:
        provider.will(**told)
        answer = client.get(GO)
    else:
        provider.will(**told)
        answer = attempt(client)

    assert refused(client, answer) == [f"organisation_{why}"]


@pytest.mark.usefixtures("person")
def test_an_answer_is_taken_once(client: Client, provider: Provider) -> None:
    provider.will(reuse=True)
    back = path_of(sent_back(client))
    assert client.get(back).status_code == 302
    client.post("/sign-out/")
    Session.objects.all().delete()

    answer = client.get(f"{back}&again=")

    assert refused(client, answer) == ["organisation_state"]


@pytest.mark.usefixtures("person")
def test_a_code_used_before_is_refused_by_the_provider(client: Client) -> None:
    back = path_of(sent_back(client))
    code = parse_qs(urlsplit(back).query)["code"][0]
    attempt(client)
    Session.objects.all().delete()
    thief = Client()
    mine = sent_back(thief)

    answer = thief.get(path_of(re.sub(r"code=[^&]+", f"code={code}", mine)))

    assert refused(thief, answer) == ["organisation_code"]


@pytest.mark.usefixtures("person")
def test_another_browsers_answer_is_refused(client: Client) -> None:
    back = path_of(sent_back(Client()))

    first = client.get(back)
    answer = client.get(f"{back}&again=")

    assert 'http-equiv="refresh"' in first.content.decode()
    assert refused(client, answer) == ["organisation_state"]


def test_a_closed_account_is_refused(client: Client, person: User) -> None:
    people.close_access(person, by=make_administrator(), reason="left")

    assert refused(client, attempt(client)) == ["access_closed"]


def test_nobody_gets_an_account_by_it(client: Client, provider: Provider) -> None:
    provider.will(claims={"email": "new@example.org", "sub": "new"})

    refused(client, attempt(client))

    assert not User.objects.exists()


@pytest.mark.usefixtures("person")
def test_the_way_back_stays_on_this_site(client: Client) -> None:
    mine = attempt_from(client, f"{GO}?next=/me/")
    Session.objects.all().delete()
    elsewhere = attempt_from(Client(), f"{GO}?next=https://evil.example/")

    assert mine.headers["Location"] == "/me/"
    assert elsewhere.headers["Location"] == "/"


def attempt_from(client: Client, address: str) -> Any:
    return client.get(path_of(sent_back(client, address)))


def test_an_organisation_that_is_not_set_up_is_not_there(client: Client) -> None:
    assert client.get(GO).status_code == 404
    assert client.get(f"{GO}back/?code=x&state=y").status_code == 404
    assert "organisation" not in client.get("/sign-in/").content.decode().lower()


def test_claims_that_are_no_words_are_left_out() -> None:
    assert factors_of({"amr": "pwd"}) == ("identity_provider",)
    assert factors_of({"amr": ["pwd", "<b>", 7, "x" * 99, None], "acr": "a b"}) == (
        "identity_provider",
        "amr:pwd",
    )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_a_browser_across_sites(
    chromium: Browser, live_server: LiveServer, provider: Provider, person: User
) -> None:
    """The provider is another site (localhost), so our strict cookies stay behind at first."""
    provider.will()
    requests.post(f"{provider.issuer}/will", json={}, timeout=10)  # with its button
    address = live_server.url.replace("localhost", "127.0.0.1")
    page = chromium.new_context(base_url=address).new_page()

    page.goto("/sign-in/?next=/me/")
    link = page.get_by_role("link", name="University Hospital")
    link.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="It is me").click()
    page.wait_for_url(f"{address}/me/")

    expect(page.get_by_text("Jonas Berg").first).to_be_visible()
    assert Session.objects.running().get().user == person
    page.context.close()
