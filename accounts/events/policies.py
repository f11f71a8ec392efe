"""What can happen to policies."""

import ledger


class PolicyPublished(ledger.Event, name="policy.published"):
    """From `valid_from` on a policy says this; `roles` acknowledge it within `due_days`.

    `content_hash` binds the whole version; `document_hash` is that of a file kept elsewhere.
    """

    record_id: str
    version: int
    content_hash: str
    title: str
    kind: str
    document_hash: str
    valid_from: str
    due_days: int
    roles: tuple[str, ...]


class PolicyAcknowledged(ledger.Event, name="policy.acknowledged"):
    """A person signed that they know what one version of a policy says, and work by it."""

    record_id: str
    version: int
    content_hash: str
    title: str
    person_id: str


class WorkstationPolicyAcknowledged(ledger.Event, name="workstation.policy_acknowledged"):
    """A person signed that they know the rule on mobile devices at the workstation."""

    record_id: str
    version: int
    content_hash: str
    person_id: str
