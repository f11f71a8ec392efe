"""Make places of work, their attestations and their networks, through the workflows."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts import facilities, networks
from accounts.models import Facility, FacilityAttestation, NetworkRange, User
from tests.factories import make_administrator, make_user

_numbers = count(1)


def description(**facts: Any) -> facilities.Description:
    given = {
        "location": "Building 3, floor 1",
        "access_control": "Badge at the door; the list is kept by the porter.",
        "mobile_devices": "left_outside",
    }
    return facilities.Description(**{**given, **facts})


def make_facility(
    title: str | None = None, *, by: User | None = None, **facts: Any
) -> Facility:
    facts.setdefault("responsible", None)
    facts["responsible"] = facts["responsible"] or make_user()
    return facilities.register(
        title or f"Room {next(_numbers)}", description(**facts), by=by or make_administrator()
    )


def attest_all(place: Facility, *, days: int = 30) -> None:
    for statement in FacilityAttestation.Statement:
        facilities.attest(
            place,
            statement,
            evidence_hash="ab" * 32,
            expires=timezone.now().date() + timedelta(days=days),
            by=place.responsible,
        )


def ask_range(
    place: Facility, cidr: str, *, by: User | None = None, seen: bool = False
) -> NetworkRange:
    return networks.ask_to_add(
        place,
        cidr,
        purpose="Workstations, wired",
        by=by or make_administrator(),
        reason="new sockets",
        overlaps_seen=seen,
    )


def make_range(place: Facility, cidr: str, *, seen: bool = False) -> NetworkRange:
    asked = ask_range(place, cidr, seen=seen)
    networks.approve(asked, by=make_administrator())
    asked.refresh_from_db()
    return asked
