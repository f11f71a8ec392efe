"""What the record shows; queries over entries alone, one file for each noun."""

# each file declares to the ledger what it holds
from accounts.controls import (
    access_review,
    alerts,
    devices,
    emergency,
    facilities,
    people,
    policies,
    retention,
    services,
    signing,
    training,
)

__all__ = [
    "access_review",
    "alerts",
    "devices",
    "emergency",
    "facilities",
    "people",
    "policies",
    "retention",
    "services",
    "signing",
    "training",
]
