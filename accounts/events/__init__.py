"""What can happen to people, machines and places; one file for each noun."""

# each file declares to the ledger what it holds
from accounts.events import (
    alerts,
    credentials,
    devices,
    facilities,
    people,
    retention,
    services,
    session_limits,
    sign_in,
    signing,
)

__all__ = [
    "alerts",
    "credentials",
    "devices",
    "facilities",
    "people",
    "retention",
    "services",
    "session_limits",
    "sign_in",
    "signing",
]
