"""What the tables must agree with, one file for each noun."""

# each file declares to the ledger what it holds
from accounts.records import (
    alerts,
    devices,
    facilities,
    people,
    retention,
    services,
    session_limits,
)

__all__ = [
    "alerts",
    "devices",
    "facilities",
    "people",
    "retention",
    "services",
    "session_limits",
]
