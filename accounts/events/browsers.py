"""What is known of the browser of a session, and what projects ask of browsers."""

import ledger


class SessionClientNoted(ledger.Event, name="session.client_noted"):
    """What a session's browser said and showed: mobile or not, and how it named its machine."""

    session_id: str
    mobile: bool
    shown_by: str  # key: it signed a challenge; cookie: it sent a shared key; none
    device: str | None


class DevicePolicySet(ledger.Event, name="device_policy.set"):
    """From now on this is what unregistered and mobile devices may do in a project."""

    project_id: str
    unregistered: str  # allowed, warned, read_only or refused
    mobile: str
    previous_unregistered: str | None
    previous_mobile: str | None
