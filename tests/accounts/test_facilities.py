"""Places of work: described, attested, visited."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts import facilities, people
from accounts.errors.base import ReasonMissingError
from accounts.errors.facilities import (
    AttestationPeriodError,
    DeputyError,
    EvidenceMissingError,
    FacilityKnownError,
    FacilityUnchangedError,
    LogTimesError,
)
from accounts.errors.people import PersonInactiveError
from accounts.models import Facility, Role
from tests.accounts.places import description, make_facility
from tests.accounts.recorded import recorded
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
HASH = "ab" * 32


def soon(days: int = 30) -> date:
    return timezone.now().date() + timedelta(days=days)


def test_registration_says_how_one_gets_in_and_who_answers() -> None:
    responsible, deputy, by = make_user(), make_user(), make_administrator()

    place = facilities.register(
        " Reading room 2 ", description(responsible=responsible, deputy=deputy), by=by
    )

    assert recorded("facility.registered")[-1]["payload"] == {
        "facility_id": str(place.pk),
        "title": "Reading room 2",
        "location": "Building 3, floor 1",
        "access_control": "Badge at the door; the list is kept by the porter.",
        "mobile_devices": "left_outside",
        "responsible": responsible.ledger_ref,
        "deputy": deputy.ledger_ref,
    }


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"location": " "}, ValidationError),
        ({"access_control": ""}, ValidationError),
        ({"access_control": "x" * 2001}, ValidationError),
        ({"mobile_devices": "sometimes"}, ValidationError),
    ],
)
def test_place_that_cannot_be_is_refused(
    wrong: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        facilities.register(
            "Room", description(responsible=make_user(), **wrong), by=make_administrator()
        )

    assert not Facility.objects.exists()
    assert not recorded("facility.registered")


def test_name_is_given_once_and_the_people_are_two_with_access() -> None:
    by, person, former = make_administrator(), make_user(), make_user()
    make_facility("Room")
    people.close_access(former, by=by, reason="left")
    former.refresh_from_db()

    with pytest.raises(FacilityKnownError):
        make_facility("Room")
    with pytest.raises(PersonInactiveError):
        facilities.register("Room 2", description(responsible=former), by=by)
    with pytest.raises(DeputyError):
        facilities.register("Room 2", description(responsible=person, deputy=person), by=by)


def test_new_description_is_recorded_with_its_reason() -> None:
    place, by = make_facility(), make_administrator()
    changed = description(responsible=place.responsible, access_control="Key 7")

    facilities.describe(place, changed, by=by, reason="badge reader removed")

    place.refresh_from_db()
    entry = recorded("facility.described")[-1]
    assert place.access_control == entry["payload"]["access_control"] == "Key 7"
    assert entry["reason"] == "badge reader removed"
    with pytest.raises(FacilityUnchangedError):
        facilities.describe(place, changed, by=by, reason="again")
    with pytest.raises(ReasonMissingError):
        facilities.describe(place, changed, by=by, reason=" ")


def test_attestation_names_statement_clause_evidence_and_its_last_day() -> None:
    place = make_facility()

    row = facilities.attest(
        place, "screens", evidence_hash=HASH, expires=soon(), by=place.responsible
    )

    entry = recorded("facility.attested")[-1]
    assert entry["actor"] == place.responsible.ledger_ref
    assert entry["payload"] == {
        "facility_id": str(place.pk),
        "attestation_id": str(row.pk),
        "statement": "screens",
        "clause": "164.310(c)",
        "evidence_hash": HASH,
        "expires": soon().isoformat(),
    }


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"expires": soon(0)}, AttestationPeriodError),
        ({"expires": soon(732)}, AttestationPeriodError),
        ({"evidence_hash": ""}, EvidenceMissingError),
        ({"evidence_hash": "AB" * 32}, EvidenceMissingError),
        ({"statement": "weather"}, ValidationError),
    ],
)
def test_attestation_that_cannot_be_records_nothing(
    wrong: dict[str, Any], refusal: type[Exception]
) -> None:
    place = make_facility()
    said = {"statement": "closed", "evidence_hash": HASH, "expires": soon(), **wrong}

    with pytest.raises(refusal):
        facilities.attest(place, said.pop("statement"), by=place.responsible, **said)

    assert not recorded("facility.attested")


def test_those_who_answer_attest_and_keep_the_log_nobody_else() -> None:
    deputy = make_user()
    place = make_facility(deputy=deputy)

    for by in (place.responsible, deputy, make_administrator()):
        facilities.attest(place, "rules", evidence_hash=HASH, expires=soon(), by=by)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        stranger = make_user(role=role)
        with pytest.raises(PermissionDenied):
            facilities.attest(place, "rules", evidence_hash=HASH, expires=soon(), by=stranger)
        with pytest.raises(PermissionDenied):
            visit(place, by=stranger)
        with pytest.raises(PermissionDenied):
            facilities.register("Mine", description(responsible=stranger), by=stranger)

    assert len(recorded("facility.attested")) == 3


def visit(place: Facility, **facts: Any) -> None:
    day = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    given = {
        "kind": "visit",
        "comment": "Fitter of Example Ltd: air conditioning",
        "accompanied_by": place.responsible,
        "began_at": day,
        "ended_at": day + timedelta(hours=1),
        "by": place.responsible,
        **facts,
    }
    facilities.log(place, given.pop("kind"), **given)


def test_visits_and_maintenance_are_recorded_apart() -> None:
    place = make_facility()

    visit(place)
    visit(place, kind="maintenance", comment="Lock of the door replaced")

    assert recorded("facility.access_recorded")[-1]["payload"]["began_at"] == (
        "2026-11-09T09:00:00Z"
    )
    done = recorded("facility.maintenance_recorded")[-1]["payload"]
    assert done["comment"] == "Lock of the door replaced"


@pytest.mark.parametrize(
    "wrong",
    [
        {"ended_at": datetime(2026, 11, 9, 8, 0, tzinfo=UTC)},
        {"ended_at": datetime(2999, 1, 1, tzinfo=UTC)},
    ],
)
def test_visit_ends_after_it_began_and_not_later_than_now(wrong: dict[str, Any]) -> None:
    with pytest.raises(LogTimesError):
        visit(make_facility(), **wrong)
