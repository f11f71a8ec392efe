"""What the tables must agree with, one file for each noun."""

# each file declares to the ledger what it holds
from accounts.records import (
    access_review,
    alerts,
    attestations,
    custody,
    data_permissions,
    devices,
    emergency,
    facilities,
    identities,
    people,
    policies,
    qualifications,
    retention,
    services,
    session_limits,
    training,
)

__all__ = [
    "access_review",
    "alerts",
    "attestations",
    "custody",
    "data_permissions",
    "devices",
    "emergency",
    "facilities",
    "identities",
    "people",
    "policies",
    "qualifications",
    "retention",
    "services",
    "session_limits",
    "training",
]
