"""What can happen to what makes a person fit to read images."""

import ledger


class QualificationRecorded(ledger.Event, name="qualification.recorded"):
    """A qualification of a person was put on record; it counts once somebody verified it."""

    qualification_id: str
    person_id: str
    specialty: str
    issuer: str
    licence_hash: str | None  # keyed: the number itself is not kept
    years: int
    valid_from: str
    valid_to: str | None


class QualificationVerified(ledger.Event, name="qualification.verified"):
    """Somebody else than who recorded it checked a qualification; how is the entry's reason."""

    qualification_id: str
    person_id: str


class QualificationWithdrawn(ledger.Event, name="qualification.withdrawn"):
    """A qualification counts no longer: recorded in error, ended or taken back."""

    qualification_id: str
    person_id: str
