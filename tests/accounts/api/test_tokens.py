"""Programs at the API: what a token opens, and that everything else refuses it."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts import probes, services
from accounts.models import SCOPES, Project, Role, Session, Token
from annotations import jobs
from annotations.models import ImportBatch
from ledger.models import Body
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_project, make_token, make_user, sign_in

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PUBLIC = {"schema"}  # says what there is, holds nothing


@pytest.fixture(autouse=True)
def _no_worker(settings: Any) -> None:
    settings.IMPORT_WORKERS = 0


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def begin(client: Client, project: Project, secret: str) -> Any:
    return client.post(
        reverse("annotations-api:imports", args=[project.slug]),
        {"listed": 1},
        content_type="application/json",
        headers=bearer(secret),
    )


def api_routes() -> Iterator[tuple[str, str, Any]]:
    """Yield name, address and view of every API route of the product."""
    for name, address in probes.routes():
        if address.startswith("/api/"):
            match = get_resolver().resolve(address)
            yield name, address, match.func.cls  # type: ignore[attr-defined]


def test_a_program_begins_an_import_sends_a_file_and_sees_how_far_it_is(
    client: Client,
) -> None:
    token, secret = make_token()
    service = token.service

    begun = begin(client, service.project, secret)
    sent = client.post(
        begun.json()["files"] + "1/",
        b"no image at all",
        content_type="application/octet-stream",
        headers=bearer(secret),
    )
    jobs.work_off()
    seen = client.get(
        reverse("annotations-api:import", args=[begun.json()["id"]]), headers=bearer(secret)
    )

    assert (begun.status_code, sent.status_code, seen.status_code) == (201, 201, 200)
    assert seen.json()["finished"] is True
    batch = ImportBatch.objects.get()
    assert (batch.actor, batch.started_by) == (service.ledger_ref, None)
    acts = [entry for entry in bodies() if entry["actor"] == service.ledger_ref]
    assert next(entry["event"] for entry in acts) == "import.started"
    assert len(acts) >= 3
    assert {entry["origin"]["session"] for entry in acts} == {token.ledger_ref}
    assert {entry.get("role") for entry in acts} == {None}
    token.refresh_from_db()
    assert token.last_used_at is not None


def bodies() -> list[Any]:
    recorded()
    return [json.loads(bytes(row.body or b"")) for row in Body.objects.order_by("pk")]


def test_every_api_view_names_a_scope_for_a_method_or_refuses_every_token(
    client: Client,
) -> None:
    _, secret = make_token(scopes=sorted(SCOPES))
    opened, named = [], 0
    for name, address, view in api_routes():
        for method in METHODS:
            if name in PUBLIC:
                continue
            status = client.generic(method, address, headers=bearer(secret)).status_code
            if method in getattr(view, "scopes", {}):
                named += 1
                assert view.scopes[method] in SCOPES
                assert status in {404, 422}, (name, method, status)  # let in; nothing is there
            elif status not in {403, 405}:
                opened.append((name, method, status))

    assert opened == []
    assert named == 3


def test_a_token_without_the_scope_is_refused_where_one_is_named(client: Client) -> None:
    for scope in SCOPES:
        _, secret = make_token(scopes=[scope])
        for name, address, view in api_routes():
            for method, wanted in getattr(view, "scopes", {}).items():
                status = client.generic(method, address, headers=bearer(secret)).status_code
                assert (status == 403) == (wanted != scope), (name, method)

    refused = recorded("access.refused")
    assert refused
    assert {one["actor"] for one in refused} <= {
        t.service.ledger_ref for t in Token.objects.all()
    }


OPEN_TO_ANYBODY = (
    "/api/",  # judged above
    "/health/",
    "/sign-in/",
    "/sign-out/",
    "/static/",
    "/device/challenge/",  # a nonce, before anybody signs in
    "/device/prove/",  # and its answer, which is judged
)


def test_a_token_opens_no_page(client: Client) -> None:
    _, secret = make_token()

    for _name, address in probes.routes():
        if address.startswith(OPEN_TO_ANYBODY):
            continue
        for method in ("GET", "POST"):
            answer = client.generic(method, address, headers=bearer(secret))
            assert answer.status_code in {302, 401, 404, 405}, (address, answer.status_code)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith(("/sign-in/", "/locked/"))

    assert not Session.objects.exists()


def test_a_token_works_in_its_own_project_alone(client: Client) -> None:
    _, secret = make_token()
    elsewhere = make_project()

    assert begin(client, elsewhere, secret).status_code == 404
    assert not ImportBatch.objects.exists()


def test_one_program_does_not_touch_what_is_in_anothers_project(client: Client) -> None:
    token, secret = make_token()
    _, other = make_token()
    batch = begin(client, token.service.project, secret).json()["id"]

    for act in (client.get, client.post):
        url = reverse("annotations-api:import", args=[batch])
        assert act(url, headers=bearer(other)).status_code in {404, 403}


ENDS: dict[str, Callable[[Token], object]] = {
    "revoked": lambda t: services.revoke(t, by=make_administrator(), reason="leaked"),
    "expired": lambda t: Token.objects.update(
        issued_at=timezone.now() - timedelta(days=9), expires_at=timezone.now()
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_token_that_ended_is_unknown_from_the_next_call_on(client: Client, end: str) -> None:
    token, secret = make_token()
    assert begin(client, token.service.project, secret).status_code == 201

    ENDS[end](token)

    answer = begin(client, token.service.project, secret)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize(
    "shown",
    ["Bearer", "Bearer ", "Bearer x", "bearer ledger_", "Bearer " + "x" * 5000, "Basic eDp5"],
)
def test_what_is_no_token_is_nobody(client: Client, shown: str) -> None:
    project = make_project()

    answer = client.post(
        reverse("annotations-api:imports", args=[project.slug]),
        {"listed": 1},
        content_type="application/json",
        headers={"Authorization": shown},
    )

    assert answer.status_code == 401


def test_a_session_lends_nothing_to_a_call_with_a_token(client: Client) -> None:
    project = make_project()
    manager = make_user(role=Role.DATA_MANAGER, project=project)
    session = sign_in(client, manager)
    before = session.last_activity
    _, secret = make_token()

    for shown in (secret, "ledger_wrong", ""):
        assert begin(client, project, shown).status_code in {401, 404}

    session.refresh_from_db()
    assert session.last_activity == before
    assert not ImportBatch.objects.exists()


def test_a_token_in_the_address_is_ignored(client: Client) -> None:
    token, secret = make_token()
    batch = begin(client, token.service.project, secret).json()["id"]

    url = reverse("annotations-api:import", args=[batch])
    assert client.get(f"{url}?token={secret}&access_token={secret}").status_code == 401


def test_people_go_on_without_scopes(client: Client) -> None:
    project = make_project()
    sign_in(client, make_user(role=Role.DATA_MANAGER, project=project))

    answer = client.post(
        reverse("annotations-api:imports", args=[project.slug]),
        {"listed": 1},
        content_type="application/json",
    )

    assert answer.status_code == 201
    missing = reverse("annotations-api:import", args=[uuid.uuid4()])
    assert client.get(missing).status_code == 404
