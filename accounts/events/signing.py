"""What can happen where people sign."""

import ledger


class SignatureApplied(ledger.Event, name="signature.applied", urgent=True):
    """A person took responsibility for exact versions of records (formats.md, "Signatures")."""

    manifest: str
    components: tuple[str, ...]
    webauthn: dict[str, str] | None


class SignatureFailed(ledger.Event, name="signature.failed"):
    """A signing was tried and did not come about."""

    request_id: str
    meaning: str
    failure_class: str  # credentials, locked, expired, replayed, other_person
