"""Whether work is done where a named person vouches for the place."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import ledger
from accounts import facilities, networks
from accounts.controls.facilities import STATEMENTS, facility_attested
from accounts.models import FacilityAttestation, Session
from accounts.records import facilities as records
from ledger.history import record_of
from ledger.models import Entry
from tests.accounts.places import attest_all, make_facility, make_range
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(seal_now: Callable[[], None]) -> Callable[[], list[ledger.Record]]:
    def records_now() -> list[ledger.Record]:
        seal_now()
        rows = Entry.objects.select_related("body", "stream").order_by("body_id")
        return [record_of(row) for row in rows]

    return records_now


def session_at(address: str) -> Session:
    from tests.factories import make_session

    session = make_session(make_administrator(), address=address)
    networks.locate(session, address=address)
    return session


def act(session: Session) -> None:
    with ledger.origin(session=str(session.pk)):
        make_user()


def test_the_control_knows_every_statement() -> None:
    assert set(FacilityAttestation.Statement.values) == STATEMENTS


def test_work_at_an_attested_place_passes_and_elsewhere_is_not_judged(
    told: Callable[[], list[ledger.Record]],
) -> None:
    place = make_facility()
    make_range(place, "192.0.2.64/27")
    attest_all(place)

    act(session_at("192.0.2.70"))
    act(session_at("203.0.113.7"))

    assert list(facility_attested(told())) == []


def test_work_where_one_statement_lacks_is_found(
    told: Callable[[], list[ledger.Record]],
) -> None:
    place = make_facility()
    make_range(place, "192.0.2.64/27")
    attest_all(place)
    bare = make_facility()
    make_range(bare, "198.51.100.0/24")

    act(session_at("192.0.2.70"))
    act(session_at("198.51.100.9"))

    found = list(facility_attested(told()))
    assert [one.reason for one in found] == [
        "was done at a facility with 5 of 5 statements not attested"
    ]


def test_work_after_an_attestation_lapsed_is_found(
    told: Callable[[], list[ledger.Record]],
) -> None:
    place = make_facility()
    make_range(place, "192.0.2.64/27")
    attest_all(place, days=1)
    act(session_at("192.0.2.70"))
    entries = told()
    later = [Later(each, timedelta(days=2)) for each in entries[-1:]]

    assert list(facility_attested(entries)) == []
    assert len(list(facility_attested([*entries, *later]))) == 1  # type: ignore[list-item]


class Later:
    """An entry as it would stand days later."""

    def __init__(self, record: ledger.Record, by: timedelta) -> None:
        self.record, self.at = record, record.at + by

    def __getattr__(self, name: str) -> object:
        return getattr(self.record, name)


@pytest.mark.parametrize(
    "edit",
    [
        lambda: FacilityAttestation.objects.update(expires="2999-01-01"),
        lambda: FacilityAttestation.objects.all()[:1].get().delete(),
    ],
    ids=["prolonged", "removed"],
)
def test_edit_behind_the_record_is_found(
    edit: Callable[[], object], told: Callable[[], list[ledger.Record]]
) -> None:
    facilities.attest(
        place := make_facility(),
        "rules",
        evidence_hash="ab" * 32,
        expires=place.registered_at.date() + timedelta(days=9),
        by=place.responsible,
    )

    def agree() -> bool:
        said = [each for each in told() if each.event == "facility.attested"]
        return dict(records.attestation_rows()) == dict(records.replay_attestations(said))

    assert agree()
    edit()
    assert not agree()


def test_places_logs_and_ranges_agree_with_the_record(
    told: Callable[[], list[ledger.Record]],
) -> None:
    from tests.accounts.places import description
    from tests.accounts.test_facilities import visit

    place = make_facility()
    visit(place)
    facilities.describe(
        place,
        description(responsible=place.responsible, location="Else"),
        by=make_administrator(),
        reason="moved",
    )
    found = make_range(place, "192.0.2.64/27")
    networks.ask_to_remove(found, by=make_administrator(), reason="moved out")

    said = told()
    for rows, replay, noun in (
        (records.facility_rows, records.replay_facilities, ("registered", "described")),
        (records.log_rows, records.replay_log, ("access_recorded", "maintenance_recorded")),
        (records.range_rows, records.replay_ranges, ("range_requested", "range_approved")),
    ):
        names = {f"facility.{each}" for each in noun}
        assert dict(rows()) == dict(replay([e for e in said if e.event in names])) != {}
