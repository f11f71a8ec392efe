"""The page about the limits of sessions: set by administrators, seen by auditors."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, SessionLimits
from accounts.models.session_limits import Limits
from tests.factories import client_of, make_administrator, make_user

pytestmark = pytest.mark.django_db
GIVEN = {"idle": "10", "absolute": "8", "reason": "Shared room", "seen": "0"}


def test_an_administrator_sets_limits_and_every_page_counts_by_them(client: Client) -> None:
    client = client_of(make_administrator())
    address = reverse("accounts:session_limits")

    assert client.post(address, GIVEN).headers["Location"] == address

    assert SessionLimits.objects.in_force() == Limits(idle=600, absolute=28_800)
    page = client.get(address).content.decode()
    assert "10 minutes idle, 8 hours" in page
    assert 'data-idle-seconds="600"' in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"idle": "4"}, "not one of the available choices"),
        ({"absolute": "13"}, "not one of the available choices"),
        ({"reason": " "}, "This field is required"),
        ({"seen": "7"}, "Somebody else set the limits meanwhile"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(wrong: dict[str, str], says: str) -> None:
    client = client_of(make_administrator())

    answer = client.post(reverse("accounts:session_limits"), {**GIVEN, **wrong})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert wrong.get("reason") or "Shared room" in answer.content.decode()
    assert not SessionLimits.objects.exists()


def test_auditors_see_the_limits_and_no_control_that_sets_them() -> None:
    page = client_of(make_user(role=Role.AUDITOR)).get(reverse("accounts:session_limits"))

    assert page.status_code == 200
    assert "Set these limits" not in page.content.decode()
