"""What can happen to the places where people work."""

import ledger


class FacilityRegistered(ledger.Event, name="facility.registered", calls="title"):
    """A place of work came on record: how one gets in, and who answers for that."""

    facility_id: str
    title: str
    location: str
    access_control: str
    mobile_devices: str  # allowed, left_outside or forbidden
    responsible: str
    deputy: str | None


class FacilityDescribed(ledger.Event, name="facility.described"):
    """How one gets into a place, what is brought in or who answers for it changed."""

    facility_id: str
    location: str
    access_control: str
    mobile_devices: str
    responsible: str
    deputy: str | None


class FacilityAttested(ledger.Event, name="facility.attested"):
    """A named person vouched for something about a place that no software can see."""

    facility_id: str
    attestation_id: str
    statement: str  # closed, screens, rules, admittance or repairs
    clause: str
    evidence_hash: str  # SHA-256 of the file that the person keeps
    expires: str  # the last day, UTC, on which it holds


class FacilityAccessRecorded(ledger.Event, name="facility.access_recorded"):
    """Somebody who does not work there came into a place, accompanied by one who does."""

    facility_id: str
    log_id: str
    accompanied_by: str
    began_at: str
    ended_at: str
    comment: str  # who came, what for


class FacilityMaintenanceRecorded(ledger.Event, name="facility.maintenance_recorded"):
    """Work was done on the doors, locks, walls or alarms of a place."""

    facility_id: str
    log_id: str
    accompanied_by: str
    began_at: str
    ended_at: str
    comment: str  # who did what


class FacilityRangeRequested(ledger.Event, name="facility.range_requested"):
    """An administrator asked that a network range be counted, or no longer, as a place."""

    facility_id: str
    range_id: str
    change: str  # add or remove
    range_hash: str  # keyed: the record holds no address
    overlaps: tuple[str, ...]  # the ranges with addresses in common, shown before asking


class FacilityRangeApproved(ledger.Event, name="facility.range_approved"):
    """A second administrator approved a change of network ranges; it holds from now on."""

    facility_id: str
    range_id: str
    change: str
    requested_by: str
    approved_by: str


class FacilityRangeDeclined(ledger.Event, name="facility.range_declined"):
    """A second administrator declined a change of network ranges; all stays as it was."""

    facility_id: str
    range_id: str
    change: str
    requested_by: str
    declined_by: str


class SessionLocated(ledger.Event, name="session.located"):
    """A session came from a network range of a place; the narrowest range decided."""

    session_id: str
    facility_id: str
    range_id: str
