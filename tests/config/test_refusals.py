"""A refusal is answered in the form that was asked for, and recorded after the rollback."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

import ledger
from accounts.models import Project, User
from tests.factories import make_project, make_user, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.refusing_urls")]


@pytest.fixture
def person() -> User:
    return make_user(role="annotator")


@pytest.fixture
def visitor(client: Client, person: User) -> Client:
    sign_in(client, person)
    return client


@pytest.fixture
def refused(seal_now: Callable[[], None]) -> Callable[[User | Project], list[ledger.Record]]:
    """Return what the record says was refused about somebody or something."""

    def entries(about: User | Project) -> list[ledger.Record]:
        seal_now()
        return [e for e in ledger.about(about.ledger_ref) if e.event == "access.refused"]

    return entries


@pytest.mark.parametrize(
    ("kind", "status", "says"),
    [
        ("forbidden", 403, "Your roles do not include this."),
        ("rule", 409, "Nobody changes their own access"),
        ("input", 422, "A box has two corners."),
        ("nowhere", 404, "Nothing to show at this address"),
        ("held", 503, "Nothing can be written until two people declare"),
        ("crossed", 503, "Nothing was done; try again"),
    ],
)
def test_a_page_says_what_stands_against_it(
    visitor: Client, kind: str, status: int, says: str
) -> None:
    answer = visitor.get(f"/pages/{kind}/")

    assert answer.status_code == status
    assert says in answer.content.decode()


@pytest.mark.parametrize("door", ["plain", "rest"])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("forbidden", 403, "forbidden"),
        ("rule", 409, "own_access"),
        ("input", 422, "invalid_annotation"),
        ("nowhere", 404, "not_found"),
        ("held", 503, "record_held"),
        ("crossed", 503, "crossed"),
    ],
)
def test_the_api_says_the_same_in_json(
    visitor: Client, door: str, kind: str, status: int, code: str
) -> None:
    answer = visitor.get(f"/api/{door}/{kind}/")

    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.json()["message"]


@pytest.mark.parametrize("kind", ["full", "gone"])
def test_a_database_that_cannot_work_asks_for_patience(visitor: Client, kind: str) -> None:
    visitor.raise_request_exception = False

    page = visitor.get(f"/pages/{kind}/")
    answers = [visitor.get(f"/api/{door}/{kind}/") for door in ("plain", "rest")]

    assert page.status_code == 503
    assert "The database cannot work now" in page.content.decode()
    assert page["Retry-After"] == "30"
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(503, "unavailable")] * 2


def test_a_refused_act_is_undone_and_on_record(
    visitor: Client, person: User, refused: Callable[[User | Project], list[ledger.Record]]
) -> None:
    visitor.get("/pages/forbidden/")

    (entry,) = refused(person)
    assert entry.actor == person.ledger_ref
    assert entry.payload == {"act": "GET /pages/<str:kind>/", "rule": "forbidden"}
    assert not Project.objects.filter(slug="undone").exists()


def test_a_refusal_inside_a_project_is_in_the_projects_record(
    visitor: Client, refused: Callable[[User | Project], list[ledger.Record]]
) -> None:
    project = make_project()

    visitor.get(f"/projects/{project.slug}/rule/")

    (entry,) = refused(project)
    assert entry.payload["rule"] == "own_access"


@pytest.mark.parametrize("kind", ["input", "recorded", "nowhere", "held", "crossed"])
def test_the_form_of_input_and_what_is_recorded_already_add_no_entry(
    visitor: Client,
    person: User,
    kind: str,
    refused: Callable[[User | Project], list[ledger.Record]],
) -> None:
    visitor.get(f"/pages/{kind}/")

    assert not refused(person)


def test_whoever_is_not_signed_in_is_led_to_the_sign_in(client: Client) -> None:
    page = client.get("/pages/forbidden/")
    part = client.get("/pages/forbidden/", headers={"HX-Request": "true"})

    assert page.status_code == 302
    assert page["Location"] == "/sign-in/?next=/pages/forbidden/"
    assert part.status_code == 401
    assert part["HX-Redirect"].startswith("/sign-in/")


@pytest.mark.parametrize("door", ["plain", "rest"])
def test_a_program_that_is_not_signed_in_gets_401(client: Client, door: str) -> None:
    answer = client.get(f"/api/{door}/forbidden/")

    assert answer.status_code == 401
    assert answer.json()["code"] in {"not_signed_in", "not_authenticated"}


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        ('{"corners": [1], "corners": [2]}', 400, "parse_error", "one name twice"),
        ('{"corners": ["\\u0000"]}', 400, "parse_error", "U+0000"),
        ("[" * 100_000, 400, "parse_error", "deeper"),
        ("{", 400, "parse_error", "not JSON"),
        ("null", 422, "invalid_input", ""),
        ("[]", 422, "invalid_input", "dictionary"),
        ('{"corners": [1, "x"]}', 422, "invalid_input", "corners"),
        ("{}", 422, "invalid_input", "corners"),
    ],
)
def test_bad_input_is_named_not_crashed_on(
    visitor: Client, body: str, status: int, code: str, says: str
) -> None:
    answer = visitor.post("/api/rest/input/", body, content_type="application/json")

    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert says in answer.json()["message"]


def test_good_input_passes(visitor: Client) -> None:
    body = json.dumps({"corners": [1, 2]})

    answer = visitor.post("/api/rest/input/", body, content_type="application/json")

    assert answer.json() == {"corners": [1, 2]}


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/rest/"])
def test_an_unknown_api_address_is_answered_in_json(visitor: Client, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_another_method_or_media_type_is_refused_in_the_same_form(visitor: Client) -> None:
    method = visitor.delete("/api/rest/input/")
    media = visitor.post("/api/rest/input/", "a=1", content_type="text/csv")

    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")
    assert (media.status_code, media.json()["code"]) == (415, "unsupported_media_type")


def test_a_form_without_its_token_is_refused_and_on_record(
    person: User, refused: Callable[[User | Project], list[ledger.Record]]
) -> None:
    careful = Client(enforce_csrf_checks=True)
    sign_in(careful, person)

    page = careful.post("/pages/rule/")
    program = careful.post("/api/plain/rule/")

    assert (page.status_code, program.status_code) == (403, 403)
    assert "open for too long" in page.content.decode()
    assert program.json()["code"] == "csrf_failed"
    assert [entry.payload["rule"] for entry in refused(person)] == ["csrf_failed"] * 2


def test_nobody_fills_the_record_without_signing_in(
    seal_now: Callable[[], None],
) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "x", "password": "y"})

    seal_now()
    assert answer.status_code == 403
    assert ledger.head(None) is None
