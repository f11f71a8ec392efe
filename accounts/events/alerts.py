"""What can happen to alerts."""

import ledger


class AlertRaised(ledger.Event, name="alert.raised"):
    """Something happened that the security unit is told at once."""

    alert_id: str
    alert_kind: str
    about: str


class AlertSent(ledger.Event, name="alert.sent"):
    """An alert was handed to the channel that reaches the security unit."""

    alert_id: str
    channel: str  # smtp, file, console, memory: how it went out
    recipients: int
    attempts: int


class AlertAcknowledged(ledger.Event, name="alert.acknowledged"):
    """A person answered for an alert; the reason says what was found."""

    alert_id: str
