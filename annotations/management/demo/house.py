"""The demo's house: where people read, and what a named person says about it."""

from datetime import UTC, datetime, timedelta

import ledger
from accounts import facilities, networks
from accounts.models import Facility, FacilityAttestation, Role, User
from annotations.management.demo.people import Cast

ROOM = "Reading room 2"
Statement = FacilityAttestation.Statement
HOLDS = {
    Statement.SCREENS: 20,
    Statement.RULES: 180,
    Statement.ADMITTANCE: 180,
    Statement.REPAIRS: 365,
}


def places(cast: Cast) -> None:
    """Put the reading room on record; four of five statements are attested."""
    if Facility.objects.exists():
        return
    with cast.acting(Role.ADMINISTRATOR) as administrator:
        room = facilities.register(
            ROOM,
            facilities.Description(
                location="Site A, building 3, floor 1",
                access_control="Badge reader at the only door, which closes by itself. "
                "The porter keeps the list of badges. At night the floor is locked.",
                mobile_devices=Facility.MobileDevices.LEFT_OUTSIDE,
                responsible=administrator,
                deputy=cast[Role.DATA_MANAGER],
            ),
            by=administrator,
        )
        _attested(room, administrator)
        now = datetime.now(UTC)
        facilities.log(
            room,
            "maintenance",
            comment="Locksmith: cylinder of the door replaced",
            accompanied_by=administrator,
            began_at=now - timedelta(days=3, hours=1),
            ended_at=now - timedelta(days=3),
            by=administrator,
        )
        networks.ask_to_add(
            room,
            "192.0.2.64/27",
            purpose="Workstations, wired",
            by=administrator,
            reason="Sockets of the reading room",
            overlaps_seen=False,
        )


def _attested(room: Facility, by: User) -> None:
    for statement, days in HOLDS.items():
        sheet = f"Walk-round sheet: {statement.label}"
        facilities.attest(
            room,
            statement,
            evidence_hash=ledger.sha256_hex(sheet.encode()),
            expires=datetime.now(UTC).date() + timedelta(days=days),
            by=by,
        )
