"""What the record shows; queries over entries alone, one file for each noun."""

# each file declares to the ledger what it holds
from accounts.controls import (
    alerts,
    devices,
    facilities,
    people,
    policies,
    retention,
    services,
    signing,
    training,
)

__all__ = [
    "alerts",
    "devices",
    "facilities",
    "people",
    "policies",
    "retention",
    "services",
    "signing",
    "training",
]
