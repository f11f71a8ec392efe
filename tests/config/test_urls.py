"""The outside of the service: what it answers to anybody, and what every answer carries."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_health_needs_no_sign_in(client: Client) -> None:
    answer = client.get("/health/")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "record": "quiet",
        "sealing": "quiet",
        "checkpoints": "unknown",
        "anchors": "unknown",
        "verification": "unknown",
        "alerts": "quiet",
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_health_says_when_the_database_does_not_answer(client: Client) -> None:
    address = dict(connection.settings_dict["OPTIONS"])
    connection.close()
    connection.settings_dict["OPTIONS"]["host"] = "/nowhere"

    try:
        answer = client.get("/health/")
    finally:
        connection.settings_dict["OPTIONS"] = address
        connection.close()

    assert answer.status_code == 503
    assert answer.json()["database"] == "no answer"


def test_the_api_describes_itself_in_openapi_3_1(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()

    assert schema["openapi"] == "3.1.0"


def test_the_description_knows_every_field_and_how_to_sign_in(tmp_path: Path) -> None:
    described = tmp_path / "schema.yml"

    call_command("spectacular", file=str(described), validate=True, fail_on_warn=True)

    assert "in: cookie" in described.read_text()


def test_every_answer_carries_the_protective_headers(client: Client) -> None:
    headers = client.get("/health/").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=()")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "Strict-Transport-Security" not in headers


def test_pages_stay_out_of_caches(client: Client) -> None:
    assert client.get("/nothing/here/")["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["elsewhere.example", "not a host"])
def test_another_host_than_ours_is_refused_and_is_no_fault(host: str) -> None:
    client = Client(raise_request_exception=False, headers={"Host": host})

    assert client.get("/").status_code == 400
    assert client.get("/api/items/").status_code == 400


@pytest.mark.parametrize("cookie", ['"abcdefghijklmnop\\000"', "short", "x" * 5000])
def test_a_cookie_that_is_no_session_is_as_good_as_none(cookie: str) -> None:
    client = Client(raise_request_exception=False, headers={"Cookie": f"sessionid={cookie}"})

    assert client.get("/").headers["Location"] == "/sign-in/?next=/"
    assert client.get("/sign-in/").status_code == 200
