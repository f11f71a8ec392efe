"""Whatever people do with a machine, custody has no gap: one place, one holder, always."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import custody, devices, media
from accounts.controls.devices import device_custody
from accounts.errors.base import AccountsError
from accounts.models import Device, DeviceTransfer, User
from accounts.records import custody as transfer_records
from accounts.records import devices as device_records
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.test_custody import erased
from tests.factories import make_administrator, make_device, make_user

pytestmark = pytest.mark.django_db
ACTS = ("hand_over", "receive", "withdraw", "take_back", "confirm", "lose", "find", "move",
        "sanitise", "dispose")  # fmt: skip


class House:
    """Two administrators and two readers, who do things with one machine."""

    def __init__(self) -> None:
        self.people = [make_administrator(), make_administrator(), make_user(), make_user()]
        self.device = make_device(by=self.people[0], kind="drive", holder=self.people[2])
        self.places = ["Store", "Room 1", "Room 2"]

    def act(self, name: str, who: int, whom: int, place: int) -> None:
        by, to, where = self.people[who], self.people[whom], self.places[place]
        device = Device.objects.get()
        way = DeviceTransfer.objects.filter(state="open").first()
        acts: dict[str, Callable[[], object]] = {
            "hand_over": lambda: custody.hand_over(
                device, to=to, to_place=where, media_erased=True, by=by, reason="x"
            ),
            "receive": lambda: way and custody.receive(way, by=by),
            "withdraw": lambda: way and custody.withdraw(way, by=by, reason="x"),
            "take_back": lambda: custody.take_back(device, to_place=where, by=by, reason="x"),
            "confirm": lambda: custody.confirm(device, by=by),
            "lose": lambda: custody.report_lost(device, by=by, reason="x"),
            "find": lambda: custody.found(device, place=where, by=by, reason="x"),
            "move": lambda: devices.move(
                device, from_place=device.place, to_place=where,
                holder=device.holder, by=by, reason="x",
            ),
            "sanitise": lambda: media.sanitise(device, erased(device, done_by=to), by=by),
            "dispose": lambda: media.dispose(
                device, manner="x", certificate_hash="", witness=to, by=by, reason="x"
            ),
        }  # fmt: skip
        with suppress(AccountsError, PermissionDenied), transaction.atomic():
            acts[name]()


steps = st.tuples(
    st.sampled_from(ACTS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, max_size=14))
def test_custody_has_no_gap(script: list[tuple[str, int, int, int]]) -> None:
    point = transaction.savepoint()
    try:
        house = House()
        before: tuple[str, User | None] | None = None
        for step in script:
            house.act(*step)
            device = Device.objects.get()
            assert device.place
            assert device.holder is not None
            latest = device.movements.order_by("-moved_at").first()
            assert latest is not None
            before = (latest.to_place, latest.holder)
            assert before == (device.place, device.holder)
        agrees_with_the_record()
    finally:
        transaction.savepoint_rollback(point)


def agrees_with_the_record() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    rows = Entry.objects.select_related("body", "stream").order_by("body_id")
    said = [record_of(row) for row in rows if row.stream.key == "org"]
    assert list(device_custody(said)) == []
    assert dict(device_records.device_rows()) == dict(
        device_records.replay_devices(
            [e for e in said if e.event in {"device.registered", *device_records.CHANGES}]
        )
    )
    moves = dict(device_records.replay_movements(said))
    assert dict(device_records.movement_rows()) == moves
    ways = [e for e in said if e.event in {
        "device.handed_over", "device.received", "device.hand_over_withdrawn",
        "device.lost_reported",
    }]  # fmt: skip
    assert dict(transfer_records.transfer_rows()) == dict(
        transfer_records.replay_transfers(ways)
    )
