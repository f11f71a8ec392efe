"""Sealed bytes, read: what cannot be read any more was altered after it was sealed."""

from typing import Any

import ledger
from annotations.errors import DamagedRecordError


def read(content: bytes | memoryview, *, of: str) -> dict[str, Any]:
    """Return the canonical JSON in `content`; raises DamagedRecordError for other bytes."""
    try:
        return dict(ledger.parse(bytes(content)))
    except ledger.CanonicalError as error:
        raise DamagedRecordError(of) from error
