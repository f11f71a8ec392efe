"""The pages of programs and of alerts."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import alerts, services
from accounts.models import Alert, ServiceAccount, Token
from tests.accounts.recorded import recorded
from tests.counting import queries_of
from tests.factories import (
    make_administrator,
    make_project,
    make_service,
    make_token,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Any:
    user = make_administrator()
    sign_in(client, user)
    return user


@pytest.mark.usefixtures("administrator")
def test_a_program_is_added_and_its_token_is_shown_once(client: Client) -> None:
    owner, project = make_user(), make_project()
    facts = {"name": "Gateway", "purpose": "sends CT", "owner": owner.pk, "project": project.pk}

    added = client.post(reverse("accounts:add_service"), facts)
    service = ServiceAccount.objects.get()
    issued = client.post(
        reverse("accounts:issue_token", args=[service.pk]),
        {"scopes": ["imports:read"], "days": "90"},
    )
    later = client.get(reverse("accounts:service", args=[service.pk]))

    assert added.status_code == 302
    assert issued.status_code == 201
    assert issued.headers["Cache-Control"] == "no-store"
    secret = re.search(r"ledger_[\w-]{43}", issued.content.decode())
    assert secret
    assert services.find(secret[0], timezone.now()) == Token.objects.get()
    assert secret[0] not in later.content.decode()


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"days": "90"}, "This field is required"),
        ({"scopes": ["sign"], "days": "90"}, "not one of the available choices"),
        ({"scopes": ["imports:read"], "days": "4000"}, "not one of the available choices"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_place(
    client: Client, typed: dict[str, Any], said: str
) -> None:
    service = make_service()

    answer = client.post(reverse("accounts:issue_token", args=[service.pk]), typed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Token.objects.exists()


@pytest.mark.usefixtures("administrator")
def test_a_token_is_revoked_with_a_reason(client: Client) -> None:
    token, _ = make_token()
    address = reverse("accounts:revoke_token", args=[token.pk])

    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "leaked"}).status_code == 302
    assert client.post(address, {"reason": "again"}).status_code == 409

    assert recorded("token.revoked")[-1]["reason"] == "leaked"


@pytest.mark.usefixtures("administrator")
def test_handing_over_and_closing(client: Client) -> None:
    service, other = make_service(), make_user()

    handed = client.post(
        reverse("accounts:hand_over_service", args=[service.pk]),
        {"owner": other.pk, "reason": "moved on"},
    )
    closed = client.post(
        reverse("accounts:close_service", args=[service.pk]), {"reason": "scanner sold"}
    )

    service.refresh_from_db()
    assert (handed.status_code, closed.status_code) == (302, 302)
    assert service.owner == other
    assert service.closed_at is not None
    page = client.get(reverse("accounts:service", args=[service.pk])).content.decode()
    assert "Issue the token" not in page


def test_the_list_asks_as_much_for_many_as_for_one(client: Client, administrator: Any) -> None:
    address = reverse("accounts:services")
    make_token(by=administrator)
    few = queries_of(client, address)

    for _ in range(4):
        make_token(by=administrator)

    assert queries_of(client, address) == few
    assert client.get(f"{address}?q=Program&state=open&sort=-used").status_code == 200


def test_alerts_ask_as_much_for_many_as_for_one(client: Client, administrator: Any) -> None:
    address = reverse("accounts:alerts")
    alerts.raise_("lockout", about=make_user().ledger_ref)
    few = queries_of(client, address)

    for _ in range(4):
        alerts.raise_("lockout", about=make_user().ledger_ref)

    assert queries_of(client, address) == few
    assert (
        client.get(f"{address}?kind=lockout&state=undelivered&sort=raised").status_code == 200
    )


def test_an_alert_is_answered_on_its_page(client: Client, administrator: Any) -> None:
    alert = alerts.raise_("lockout", about=make_user(printed_name="Jonas Berg").ledger_ref)
    address = reverse("accounts:answer_alert", args=[alert.pk])

    assert "Jonas Berg" in client.get(reverse("accounts:alerts")).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "called him"}).status_code == 302

    assert Alert.objects.get().acknowledged_by == administrator
