"""What can happen where somebody breaks the glass."""

import ledger


class EmergencyAccessInvoked(ledger.Event, name="emergency_access.invoked"):
    """A person opened one subject's images for an hour, on their word; the reason says why."""

    record_id: str
    version: int
    content_hash: str
    person_id: str
    about: str  # the subject's name in the record
    session_id: str
    ends: str  # TIME of formats.md
    review_due: str


class EmergencyAccessEnded(ledger.Event, name="emergency_access.ended"):
    """A person gave an emergency access back before its hour was over."""

    record_id: str


class EmergencyAccessReviewed(ledger.Event, name="emergency_access.reviewed"):
    """A second person looked at what was opened, and said whether it was justified."""

    record_id: str
    content_hash: str
    invoked_by: str
    reviewed_by: str
    outcome: str  # justified, not_justified
    late: bool  # later than the time set for it
