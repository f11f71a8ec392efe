"""What can happen to attestations."""

import ledger


class AttestationRecorded(ledger.Event, name="attestation.recorded"):
    """A named person signed that a statement about a clause is true, until a day.

    `statement_hash` is the SHA-256 of the statement's UTF-8 bytes; `answer` is attested or
    not_applicable; the entry's reason says on what grounds.
    """

    record_id: str
    version: int
    catalogue: str
    clause_id: str
    answer: str
    statement_hash: str
    content_hash: str
    evidence_hash: str
    attestor: str
    attestor_role: str
    owner: str
    expires: str
