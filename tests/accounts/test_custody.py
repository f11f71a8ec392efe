"""A machine's life: handed over and received, taken back, lost, found, sanitised, gone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import custody, devices, media
from accounts.errors.base import ReasonMissingError
from accounts.errors.custody import (
    DeviceStateError,
    FutureDateError,
    NotSanitisedError,
    NotTheHolderError,
    NotTheReceiverError,
    SameHolderError,
    SecondSanitiserError,
    TransferClosedError,
)
from accounts.models import Device, DeviceTransfer, Role, Session, User
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_device, make_session, make_user

pytestmark = pytest.mark.django_db


def send(device: Device, to: User, **facts: Any) -> DeviceTransfer:
    given = {
        "to_place": "Reading room 2",
        "media_erased": True,
        "by": device.holder or make_administrator(),
        "reason": "calibration",
    }
    return custody.hand_over(device, to=to, **{**given, **facts})


def erased(device: Device, *, done_by: User | None = None, **facts: Any) -> media.Sanitising:
    given = {
        "medium": "SSD 7F3K",
        "method": "purge",
        "tool": "nvme-cli 2.4, sanitize",
        "verification": "Full read, all zero",
        "done_by": done_by or make_user(),
        "done_on": timezone.now().date(),
    }
    return media.Sanitising(**{**given, **facts})


def test_until_received_the_giver_answers_and_it_is_in_transit() -> None:
    giver, receiver = make_user(), make_user()
    device = make_device(place="Reading room 1", holder=giver)

    transfer = send(device, receiver)

    device.refresh_from_db()
    assert (device.state, device.holder, device.place) == (
        "in_transit",
        giver,
        "Reading room 1",
    )
    custody.receive(transfer, by=receiver)
    device.refresh_from_db()
    assert (device.state, device.holder, device.place) == ("in_use", receiver, "Reading room 2")
    received, assigned = recorded("device.received")[-1], recorded("device.assigned")[-1]
    assert received["actor"] == receiver.ledger_ref
    assert received["payload"]["giver"] == giver.ledger_ref
    assert received["payload"]["from_place"] == "Reading room 1"
    assert assigned["payload"]["previous_holder"] == giver.ledger_ref


def test_only_the_receiver_confirms_and_only_once() -> None:
    giver, receiver = make_user(), make_user()
    transfer = send(make_device(holder=giver), receiver)

    for somebody in (giver, make_administrator()):
        with pytest.raises(NotTheReceiverError):
            custody.receive(transfer, by=somebody)
    custody.receive(transfer, by=receiver)
    with pytest.raises(TransferClosedError):
        custody.receive(transfer, by=receiver)
    with pytest.raises(TransferClosedError):
        custody.withdraw(transfer, by=receiver, reason="not sent")

    assert len(recorded("device.received")) == 1


def test_withdrawn_hand_over_leaves_all_as_it_was() -> None:
    giver = make_user()
    device = make_device(place="Reading room 1", holder=giver)
    transfer = send(device, make_user())

    custody.withdraw(transfer, by=giver, reason="kept after all")

    device.refresh_from_db()
    assert (device.state, device.holder, device.place) == ("in_use", giver, "Reading room 1")


def test_hand_over_is_between_two_people_of_whom_one_holds_it() -> None:
    holder, stranger = make_user(), make_user(role=Role.DATA_MANAGER)
    device = make_device(holder=holder)

    with pytest.raises(SameHolderError):
        send(device, holder)
    with pytest.raises(PermissionDenied):
        send(device, make_user(), by=stranger)
    with pytest.raises(ReasonMissingError):
        send(device, make_user(), reason=" ")
    send(device, make_user())
    with pytest.raises(DeviceStateError):
        send(device, make_user())

    assert len(recorded("device.handed_over")) == 1


def test_administrator_takes_back_and_answers() -> None:
    device, by = make_device(holder=make_user()), make_administrator()

    custody.take_back(device, to_place="Stores", by=by, reason="left")

    device.refresh_from_db()
    assert (device.state, device.holder, device.place) == ("stored", by, "Stores")


def test_confirming_is_the_holders_own_act() -> None:
    holder = make_user()
    device = make_device(holder=holder)

    with pytest.raises(NotTheHolderError):
        custody.confirm(device, by=make_administrator())
    custody.confirm(device, by=holder)

    device.refresh_from_db()
    assert device.confirmed_on == timezone.now().date()
    assert recorded("device.confirmed")[-1]["actor"] == holder.ledger_ref


def test_lost_device_loses_keys_and_sessions_at_once() -> None:
    holder = make_user()
    device = make_device(holder=holder)
    key = devices.bind_browser(device, by=make_administrator())
    there, elsewhere = make_session(device=device), make_session()

    custody.report_lost(device, by=holder, reason="left on the train")

    there.refresh_from_db()
    elsewhere.refresh_from_db()
    assert there.end == Session.End.DEVICE_LOST
    assert elsewhere.ended_at is None
    assert devices.recognise(key) is None
    lost = recorded("device.lost_reported")[-1]["payload"]
    assert lost["sessions"] == [str(there.pk)]
    with pytest.raises(DeviceStateError):
        send(device, make_user(), by=make_administrator())


def test_found_device_stays_without_keys_and_answers_to_an_administrator() -> None:
    device, by = make_device(holder=make_user()), make_administrator()
    custody.report_lost(device, by=by, reason="gone")

    custody.found(device, place="Porter's lodge", by=by, reason="brought in")

    device.refresh_from_db()
    assert (device.state, device.holder, device.browser_key) == ("stored", by, "")


def test_medium_is_sanitised_by_one_and_approved_by_another() -> None:
    device, by, doer = make_device(), make_administrator(), make_user()

    with pytest.raises(SecondSanitiserError):
        media.sanitise(device, erased(device, done_by=by), by=by)
    tomorrow = timezone.now().date() + timedelta(days=1)
    with pytest.raises(FutureDateError):
        media.sanitise(device, erased(device, done_on=tomorrow), by=by)
    media.sanitise(device, erased(device, done_by=doer), by=by)

    payload = recorded("device.sanitised")[-1]["payload"]
    assert payload["medium_hash"] == devices.serial_hash("ssd7f3k")
    assert (payload["done_by"], payload["approved_by"]) == (doer.ledger_ref, by.ledger_ref)
    assert "7F3K" not in str(recorded())


def test_what_can_hold_data_is_sanitised_before_it_goes() -> None:
    by, witness = make_administrator(), make_user()
    said: dict[str, Any] = {
        "manner": "Shredded",
        "certificate_hash": "",
        "by": by,
        "reason": "worn out",
    }
    drive, display = make_device(kind="drive"), make_device(kind="display")

    with pytest.raises(NotSanitisedError):
        media.dispose(drive, witness=witness, **said)
    with pytest.raises(SecondSanitiserError):
        media.dispose(display, witness=by, **said)
    media.dispose(display, witness=witness, **said)
    media.sanitise(drive, erased(drive), by=by)
    media.dispose(drive, witness=witness, **said)

    drive.refresh_from_db()
    assert drive.state == "disposed"
    for act in (
        lambda: media.dispose(drive, witness=witness, **said),
        lambda: send(drive, make_user(), by=by),
        lambda: custody.report_lost(drive, by=by, reason="x"),
        lambda: custody.found(drive, place="x", by=by, reason="x"),
    ):
        with pytest.raises(DeviceStateError):
            act()


def test_posture_says_who_states_it() -> None:
    device, by = make_device(), make_administrator()

    media.record_posture(
        device,
        system="Windows 11 24H2",
        patched_on=date(2026, 11, 2),
        encryption="full",
        screen_lock_minutes=5,
        by=by,
    )

    entry = recorded("device.posture_recorded")[-1]
    assert entry["actor"] == by.ledger_ref
    assert entry["payload"]["encryption"] == "full"


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_take_back_find_sanitise_and_dispose(role: str) -> None:
    device, somebody = make_device(holder=make_user()), make_user(role=role)

    for act in (
        lambda: custody.take_back(device, to_place="x", by=somebody, reason="x"),
        lambda: custody.found(device, place="x", by=somebody, reason="x"),
        lambda: custody.report_lost(device, by=somebody, reason="x"),
        lambda: media.sanitise(device, erased(device), by=somebody),
        lambda: media.describe(device, media.DeviceDescription(owner="x"), by=somebody),
    ):
        with pytest.raises(PermissionDenied):
            act()
