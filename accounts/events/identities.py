"""What can happen to the links between people and their organisation's accounts."""

import ledger


class IdentityLinked(ledger.Event, name="identity.linked"):
    """An administrator said that a subject at an issuer is this person."""

    link_id: str
    person_id: str
    issuer: str
    subject_hash: str  # keyed, with the issuer


class IdentityUnlinked(ledger.Event, name="identity.unlinked"):
    """A link ended: whoever the issuer names so signs in no more."""

    link_id: str
    person_id: str
