"""What can happen to the limits of sessions."""

import ledger


class SessionLimitsSet(ledger.Event, name="session.limits_set"):
    """From here on sessions end after these times; the entry's reason says why."""

    number: int
    scope: str  # "site", or a facility's name in the record
    idle_seconds: int
    absolute_seconds: int
    previous_idle_seconds: int
    previous_absolute_seconds: int
