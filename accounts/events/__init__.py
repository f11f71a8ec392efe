"""What can happen to people, machines and places; one file for each noun."""

# each file declares to the ledger what it holds
from accounts.events import (
    alerts,
    attestations,
    credentials,
    custody,
    data_permissions,
    devices,
    facilities,
    identities,
    people,
    policies,
    qualifications,
    retention,
    services,
    session_limits,
    sign_in,
    signing,
    training,
)

__all__ = [
    "alerts",
    "attestations",
    "credentials",
    "custody",
    "data_permissions",
    "devices",
    "facilities",
    "identities",
    "people",
    "policies",
    "qualifications",
    "retention",
    "services",
    "session_limits",
    "sign_in",
    "signing",
    "training",
]
