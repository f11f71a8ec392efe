"""What the tables must agree with, one file for each noun."""

# each file declares to the ledger what it holds
from accounts.records import devices, people, retention, session_limits

__all__ = [
    "devices",
    "people",
    "retention",
    "session_limits",
]
