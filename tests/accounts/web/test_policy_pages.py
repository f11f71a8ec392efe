"""The pages of policies and attestations: read, publish, sign."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Acknowledgement, Attestation, PolicyVersion, Role
from accounts.models.data_permission import today
from tests.accounts.papers import D1, attested, prepare, publish
from tests.counting import queries_of
from tests.factories import PASSWORD, client_of, make_administrator, make_user, sign_in

pytestmark = pytest.mark.django_db


def answer(page: str, email: str, password: str = PASSWORD) -> dict[str, str]:
    """Return what a person types into the panel that asks to sign."""
    asked = re.search(r'name="request"\s+value="([^"]+)"', page)
    assert asked
    return {"request": asked[1], "identifier": email, "password": password}


def test_a_reader_signs_that_they_know_a_policy(client: Client) -> None:
    version, reader = publish(), make_user(role=Role.ANNOTATOR)
    sign_in(client, reader)
    address = f"/policies/{version.pk}/"
    assert "What you owe" in client.get("/").content.decode()

    page = client.get(address).content.decode()
    done = client.post(f"{address}acknowledge/", answer(page, reader.email), follow=True)

    assert "Acknowledged" in done.content.decode()
    assert Acknowledgement.objects.get().user == reader
    assert "What you owe" not in client.get("/").content.decode()


def test_a_wrong_password_signs_nothing_and_asks_again(client: Client) -> None:
    version, reader = publish(), make_user(role=Role.ANNOTATOR)
    sign_in(client, reader)
    address = f"/policies/{version.pk}/"
    page = client.get(address).content.decode()

    refused = client.post(f"{address}acknowledge/", answer(page, reader.email, "wrong"))

    assert refused.status_code == 409
    assert 'name="request"' in refused.content.decode()
    assert not Acknowledgement.objects.exists()


def test_an_administrator_publishes_and_a_reader_does_not() -> None:
    typed = {
        "title": "Mobile devices",
        "kind": "mobile",
        "text": "No telephone in the reading room.",
        "valid_from": str(today()),
        "due_days": "7",
        "roles": ["annotator"],
    }

    done = client_of(make_administrator()).post("/policies/new/", typed)

    made = PolicyVersion.objects.get()
    assert done.headers["Location"] == f"/policies/{made.pk}/"
    assert (
        client_of(make_user(role=Role.ANNOTATOR)).post("/policies/new/", typed).status_code
        == 403
    )


def test_who_owes_it_is_named_to_those_who_oversee_and_to_nobody_else() -> None:
    version = publish()
    late = make_user(role=Role.ANNOTATOR, printed_name="Lena Late")

    overseer = client_of(make_administrator()).get(f"/policies/{version.pk}/")
    colleague = client_of(make_user(role=Role.ANNOTATOR)).get(f"/policies/{version.pk}/")

    assert late.printed_name in overseer.content.decode()
    assert late.printed_name not in colleague.content.decode()


def test_an_administrator_attests_a_statement_by_signature(client: Client) -> None:
    administrator = make_administrator()
    sign_in(client, administrator)
    typed = {
        "statement": "0",
        "grounds": "Walked through the rooms",
        "expires": str(today() + timedelta(days=90)),
        "owner": str(administrator.pk),
    }

    page = client.post(f"/attestations/new/?clause={D1}", typed, follow=True)
    said = Attestation.objects.get()
    assert said.signed_at is None
    done = client.post(
        f"/attestations/{said.pk}/sign/",
        answer(page.content.decode(), administrator.email),
        follow=True,
    )

    assert "Signed. Reports count it until" in done.content.decode()
    assert Attestation.objects.get().is_current


def test_what_somebody_else_prepared_is_not_there() -> None:
    said = prepare()
    other = client_of(make_administrator())

    assert other.get(f"/attestations/{said.pk}/").status_code == 404
    assert other.post(f"/attestations/{said.pk}/sign/", {}).status_code == 404


def test_statements_say_who_vouches_and_what_is_missing() -> None:
    said = attested()

    page = client_of(make_administrator()).get("/attestations/statements/").content.decode()

    assert said.attestor.printed_name in page
    assert "Missing" in page
    assert (
        client_of(make_user(role=Role.ANNOTATOR)).get("/attestations/statements/").status_code
        == 403
    )


@pytest.mark.parametrize(
    "address", ["/policies/", "/attestations/", "/attestations/statements/"]
)
def test_the_lists_cost_the_same_for_one_and_for_many(address: str) -> None:
    administrator = make_administrator()
    client = client_of(administrator)
    publish(by=administrator)
    attested(by=administrator)

    few = queries_of(client, address)
    for number in range(5):
        publish(title=f"Policy {number}", by=administrator)
        attested("buyer_questions/BUYER-D2", by=administrator)

    assert queries_of(client, address) == few
