"""Network ranges: two administrators change them, and sessions are matched to them."""

from collections.abc import Callable
from ipaddress import ip_address, ip_network

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from accounts import networks
from accounts.errors.base import ReasonMissingError
from accounts.errors.facilities import (
    RangeFormError,
    RangeKnownError,
    RangeOverlapError,
    RangeStateError,
    RangeWideError,
    SecondAdministratorError,
)
from accounts.models import NetworkRange, Role
from tests.accounts.places import ask_range, make_facility, make_range
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_session, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("192.0.2.64/27", "192.0.2.64/27"),
        (" 2001:DB8:31::/64 ", "2001:db8:31::/64"),
        ("198.51.100.8/32", "198.51.100.8/32"),
    ],
)
def test_range_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert str(networks.network_of(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "refusal", "said"),
    [
        ("192.0.2.70/27", RangeFormError, "did you mean 192.0.2.64/27?"),
        ("192.0.2.70", RangeFormError, "did you mean 192.0.2.70/32?"),
        ("room 2", RangeFormError, "write it like"),
        ("", RangeFormError, "write it like"),
        ("fe80::%eth0/64", RangeFormError, "write it like"),
        ("٣.0.0.0/8", RangeFormError, "write it like"),
        ("x" * 5000, RangeFormError, "write it like"),
        ("0.0.0.0/0", RangeWideError, "/8"),
        ("::/0", RangeWideError, "/24"),
    ],
)
def test_what_is_no_range_is_refused(typed: str, refusal: type[Exception], said: str) -> None:
    with pytest.raises(refusal, match=said.replace("?", r"\?")):
        networks.network_of(typed)


def test_second_administrator_approves_and_the_record_holds_no_address() -> None:
    place, first, second = make_facility(), make_administrator(), make_administrator()
    asked = ask_range(place, "192.0.2.64/27", by=first)

    assert networks.range_of("192.0.2.70") is None
    with pytest.raises(SecondAdministratorError):
        networks.approve(asked, by=first)
    networks.approve(asked, by=second)

    assert networks.range_of("192.0.2.70") == asked
    payload = recorded("facility.range_approved")[-1]["payload"]
    assert payload["requested_by"] == first.ledger_ref
    assert payload["approved_by"] == second.ledger_ref
    assert "192.0.2" not in str(recorded())
    with pytest.raises(RangeStateError):
        networks.approve(asked, by=second)


def test_overlap_is_said_before_asking() -> None:
    room_1, room_2 = make_facility("Reading room 1"), make_facility("Reading room 2")
    other = make_range(room_1, "192.0.2.96/28")

    with pytest.raises(RangeOverlapError, match=r"Overlaps Reading room 1, 192.0.2.96/28"):
        ask_range(room_2, "192.0.2.96/27")
    assert NetworkRange.objects.count() == 1

    asked = ask_range(room_2, "192.0.2.96/27", seen=True)
    assert recorded("facility.range_requested")[-1]["payload"]["overlaps"] == [other.ledger_ref]
    networks.approve(asked, by=make_administrator())
    assert networks.range_of("192.0.2.100") == other  # the narrower decides
    assert networks.range_of("192.0.2.120") == asked


def test_range_stands_once_at_a_facility() -> None:
    place = make_facility()
    make_range(place, "192.0.2.64/27")

    with pytest.raises(RangeKnownError):
        ask_range(place, "192.0.2.64/27")


def test_removal_holds_once_approved_and_not_when_declined() -> None:
    found = make_range(make_facility(), "192.0.2.64/27")
    first, second = make_administrator(), make_administrator()

    networks.ask_to_remove(found, by=first, reason="moved out")
    assert networks.range_of("192.0.2.70") == found
    with pytest.raises(ReasonMissingError):
        networks.decline(found, by=second, reason="")
    networks.decline(found, by=second, reason="still wired")
    found.refresh_from_db()
    assert found.state == "in_force"
    networks.ask_to_remove(found, by=first, reason="now moved out")
    networks.approve(found, by=second)

    assert networks.range_of("192.0.2.70") is None


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_change_networks(role: str) -> None:
    place, somebody = make_facility(), make_user(role=role)
    asked = ask_range(place, "192.0.2.64/27")

    acts: list[Callable[[], object]] = [
        lambda: ask_range(place, "198.51.100.8/32", by=somebody),
        lambda: networks.approve(asked, by=somebody),
        lambda: networks.decline(asked, by=somebody, reason="why"),
        lambda: networks.ask_to_remove(asked, by=somebody, reason="why"),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


def test_session_is_matched_to_the_place_it_comes_from() -> None:
    place = make_facility()
    found = make_range(place, "192.0.2.64/27")
    here, elsewhere = make_session(), make_session()

    networks.locate(here, address="::ffff:192.0.2.70")
    networks.locate(elsewhere, address="203.0.113.7")
    networks.locate(elsewhere, address=None)

    here.refresh_from_db()
    assert here.network_range == found
    assert [entry["payload"] for entry in recorded("session.located")] == [
        {
            "session_id": str(here.pk),
            "facility_id": str(place.pk),
            "range_id": str(found.pk),
        }
    ]


@given(st.integers(0, 2**32 - 1), st.integers(8, 32))
def test_every_address_lies_in_the_range_it_is_put_into(address: int, prefix: int) -> None:
    at = ip_address(address)
    network = networks.network_of(str(ip_network((address, prefix), strict=False)))

    assert at in network
    assert network.prefixlen == prefix
