"""The first administrator."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from tests.accounts.recorded import recorded
from tests.factories import PASSWORD, make_administrator

pytestmark = pytest.mark.django_db
GIVEN = {"email": "priya.nair@example.org", "name": "Priya Nair"}


def make(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, **given: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("create_administrator", stdout=io.StringIO(), **{**GIVEN, **given})


def test_first_administrator_is_recorded_as_made_by_the_set_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(monkeypatch)

    person = User.objects.get()
    assert person.memberships.get().role == Role.ADMINISTRATOR
    assert person.temporary_password
    assert {entry["actor"] for entry in recorded()} == {"system:setup"}


def test_there_is_only_one_first_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    make_administrator()

    with pytest.raises(CommandError, match="administrator already"):
        make(monkeypatch)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "short"}, "too short"),
        ({"email": "nobody"}, "valid email"),
        ({"time_zone": "Moon"}, "time zone"),
    ],
)
def test_refused_administrator_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        make(monkeypatch, **given)

    assert not User.objects.exists()
    assert not recorded()
