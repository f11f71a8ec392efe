"""The inventory and its movements."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import devices, people
from accounts.errors.base import ReasonMissingError
from accounts.errors.custody import HandOverError
from accounts.errors.devices import DeviceChangedError, DeviceKnownError, DeviceUnmovedError
from accounts.errors.people import PersonInactiveError
from accounts.models import Role
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_device, make_user

pytestmark = pytest.mark.django_db


def test_registration_is_recorded_without_the_serial() -> None:
    administrator, holder = make_administrator(), make_user()

    device = devices.register(
        asset_tag=" ws-014 ",
        kind="workstation",
        serial="7F3K-0014",
        place="Reading room 2",
        holder=holder,
        by=administrator,
    )

    payload = recorded("device.registered")[-1]["payload"]
    assert payload == {
        "device_id": str(device.pk),
        "movement_id": str(device.movements.get().pk),
        "asset_tag": "WS-014",
        "kind": "workstation",
        "serial_hash": devices.serial_hash("7f3k-0014"),
        "place": "Reading room 2",
        "holder": holder.ledger_ref,
    }
    assert "7F3K" not in str(recorded())


def test_movement_names_both_places_the_holder_and_the_reason() -> None:
    administrator, holder = make_administrator(), make_user()
    device = make_device(place="Store", holder=holder)

    step = devices.move(
        device,
        from_place="Store",
        to_place="Reading room 1",
        holder=holder,
        by=administrator,
        reason="first use",
    )

    device.refresh_from_db()
    assert (device.place, device.holder) == ("Reading room 1", holder)
    entry = recorded("device.moved")[-1]
    assert entry["reason"] == "first use"
    assert entry["payload"] == {
        "device_id": str(device.pk),
        "movement_id": str(step.pk),
        "from_place": "Store",
        "to_place": "Reading room 1",
        "holder": holder.ledger_ref,
    }


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"reason": " "}, ReasonMissingError),
        ({"from_place": "Elsewhere"}, DeviceChangedError),
        ({"to_place": "Store"}, DeviceUnmovedError),
        ({"to_place": ""}, ValidationError),
        ({"to_place": "x" * 121}, ValidationError),
    ],
)
def test_refused_movement_records_nothing(
    given: dict[str, str], refusal: type[Exception]
) -> None:
    device, administrator = make_device(place="Store"), make_administrator()
    asked = {"from_place": "Store", "to_place": "Room 1", "reason": "why", **given}

    with pytest.raises(refusal):
        devices.move(device, holder=None, by=administrator, **asked)

    assert not recorded("device.moved")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_keep_the_inventory(role: str) -> None:
    device, somebody = make_device(place="Store"), make_user(role=role)

    with pytest.raises(PermissionDenied):
        make_device(by=somebody)
    with pytest.raises(PermissionDenied):
        devices.move(
            device, from_place="Store", to_place="Room", holder=None, by=somebody, reason="why"
        )


def test_tag_and_serial_name_one_device() -> None:
    make_device(asset_tag="WS-1", serial="A 1")

    with pytest.raises(DeviceKnownError):
        make_device(asset_tag="ws-1")
    with pytest.raises(DeviceKnownError):
        make_device(serial="a1")


def test_people_whose_access_is_closed_receive_nothing() -> None:
    administrator, former = make_administrator(), make_user()
    people.close_access(former, by=administrator, reason="left")
    former.refresh_from_db()

    with pytest.raises(PersonInactiveError):
        make_device(holder=former)


def test_key_of_a_browser_names_the_device_until_the_next_is_given() -> None:
    device, administrator = make_device(), make_administrator()

    first = devices.bind_browser(device, by=administrator)
    assert devices.recognise(first) == device
    second = devices.bind_browser(device, by=administrator)

    assert devices.recognise(first) is None
    assert devices.recognise(second) == device
    assert devices.recognise(None) is None
    assert devices.recognise("") is None
    assert len(recorded("device.browser_bound")) == 2
    assert second not in str(recorded())
    with pytest.raises(PermissionDenied):
        devices.bind_browser(device, by=make_user(role=Role.AUDITOR))


def test_another_holder_is_never_made_by_moving() -> None:
    device, administrator = make_device(place="Store", holder=make_user()), make_administrator()

    for holder in (make_user(), None):
        with pytest.raises(HandOverError):
            devices.move(
                device,
                from_place="Store",
                to_place="Room",
                holder=holder,
                by=administrator,
                reason="why",
            )
