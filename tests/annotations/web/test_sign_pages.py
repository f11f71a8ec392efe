"""The sign page: what it asks, what it signs, and how it refuses."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Role
from annotations.models import Item
from tests.annotations.flow import (
    confirmation,
    make_item,
    make_member,
    reviewed,
    reviewer_of,
)
from tests.annotations.web.addresses import page
from tests.factories import PASSWORD, client_of

pytestmark = pytest.mark.django_db(transaction=True)


def sign_form(client: Client, item: Item, **changed: Any) -> dict[str, Any]:
    """Return what the sign page would post: its first request, name and password."""
    shown = client.get(page("sign", item.project, item.pk))
    assert shown.status_code == 200, shown.content
    choices = shown.context["choices"]
    return {
        "version": item.version,
        "request": str(choices[0]["request"].pk),
        "identifier": reviewer_of(item).email,
        "password": PASSWORD,
    } | changed


def test_a_reviewer_signs_on_the_page_and_the_record_shows_name_time_and_meaning() -> None:
    item = reviewed()
    client = client_of(reviewer_of(item))

    answer = client.post(page("sign", item.project, item.pk), sign_form(client, item))

    assert answer.status_code == 302
    record = client.get(answer["Location"]).content.decode()
    assert reviewer_of(item).printed_name in record
    assert "review" in record
    assert "UTC" in record
    item.refresh_from_db()
    assert item.state == Item.State.ACCEPTED


def test_a_wrong_password_signs_nothing_and_asks_again() -> None:
    item = reviewed()
    client = client_of(reviewer_of(item))

    answer = client.post(
        page("sign", item.project, item.pk), sign_form(client, item, password="wrong")
    )

    assert answer.status_code == 409
    assert "Nothing was signed" in answer.content.decode()
    item.refresh_from_db()
    assert item.state == Item.State.IN_REVIEW


def test_signing_what_changed_meanwhile_shows_what_is_new() -> None:
    item = reviewed()
    client = client_of(reviewer_of(item))
    form = sign_form(client, item)
    reviewed(item, by=reviewer_of(item))  # decided again in another window

    answer = client.post(page("sign", item.project, item.pk), form)

    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Nothing was signed" in text
    assert "version 4" in text
    item.refresh_from_db()
    assert item.state == Item.State.IN_REVIEW


def test_nobody_else_signs() -> None:
    item = reviewed()
    other = make_member(Role.REVIEWER, item.project)

    assert client_of(other).get(page("sign", item.project, item.pk)).status_code == 409
    assert client_of(item.annotator).get(page("sign", item.project, item.pk)).status_code == 409


def test_confirmation_of_one_item_does_not_sign_another_on_its_page() -> None:
    item, other = reviewed(), reviewed()
    client = client_of(reviewer_of(item))
    answer = confirmation(other, reviewer_of(item))

    form = sign_form(client, item, request=answer.request_id)
    refused = client.post(page("sign", item.project, item.pk), form)

    assert refused.status_code == 409


def test_the_request_for_one_reading_signs_no_other_that_nobody_decided_about() -> None:
    item = reviewed()
    other = make_item(project=item.project)
    client = client_of(reviewer_of(item))

    refused = client.post(page("sign", item.project, other.pk), sign_form(client, item))

    assert refused.status_code == 409


def test_whoever_did_not_decide_is_shown_nothing_to_sign_however_they_ask() -> None:
    item = reviewed()
    client = client_of(make_member(Role.ANNOTATOR, item.project))

    answer = client.post(page("sign", item.project, item.pk), {"version": "none"})

    assert answer.status_code == 409
    assert item.annotator.printed_name not in answer.content.decode()
