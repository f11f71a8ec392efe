"""What can happen where somebody looks at who holds what."""

import ledger


class AccessReviewCompleted(ledger.Event, name="access_review.completed"):
    """A person decided on every role that was held, and signed it; what they ended, ended."""

    record_id: str
    version: int
    content_hash: str  # of every account, role and decision (schema access.review/1)
    accounts: int
    kept: int
    ended: int
    next_due: str  # TIME of formats.md
