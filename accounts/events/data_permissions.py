"""What can happen to the papers on which patients' data may be used."""

import ledger


class PermissionRecorded(ledger.Event, name="permission.recorded"):
    """From `valid_from` to `expires_on` a project may use a collection, or one subject.

    `subject_ref` is empty for the whole collection.  `purposes` are annotation, dataset and
    sharing; `document_hash` is the SHA-256 of the paper, which stays with the organisation.
    """

    subject_ref: str
    basis: str
    basis_reference: str
    ethics_approval: str
    terms: str
    purposes: tuple[str, ...]
    valid_from: str
    expires_on: str
    document_hash: str


class PermissionWithdrawn(ledger.Event, name="permission.withdrawn"):
    """A paper, or a subject, no longer permits anything; the entry's reason says why.

    `covers` is paper or subject.  `snapshots` are the frozen datasets that held the subject
    at that moment; for a paper about the collection it is empty.
    """

    covers: str
    subject_ref: str
    snapshots: tuple[str, ...]
