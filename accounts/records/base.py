"""What every table that must agree with the record is compared by."""

import ledger

Row = tuple[str, str]  # what names a row in the record, and the hash of what it says


def digest(facts: dict[str, object]) -> str:
    """Return the hash by which a row and the entries about it are compared."""
    return ledger.sha256_hex(ledger.canonical(facts))
