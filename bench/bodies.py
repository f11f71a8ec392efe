"""The bytes that every arm writes: a canonical event of 486 bytes, and a salt."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.events import FindingSaved
from ledger.canonical_json import canonical
from ledger.envelope import envelope
from ledger.hashing import SALT_BYTES

BYTES = 486  # a usual event; the ledger's own targets are for this size
ACTOR = "accounts.user:0b6f5a52-53cb-4b86-9b36-6a6d0f6e4c11"
SUBJECT = "bench.finding:5d0f1c7e-0f3b-4d8f-9a55-1c1f6a3e9b02"


@dataclass(frozen=True)
class Thing:
    """A subject in the stream that the benchmark fills."""

    ledger_ref: str = SUBJECT
    ledger_stream: str | None = "bench"


def body() -> bytes:
    """Return an event of BYTES bytes, unlike any other."""
    content = _written("")
    return _written(secrets.token_hex(BYTES)[: BYTES - len(content)])


def salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def _written(note: str) -> bytes:
    event = FindingSaved(title="Lesion", label="4147007", state="draft", frame=7, note=note)
    at = datetime.now(UTC)
    return canonical(
        envelope(event, actor=ACTOR, subject=SUBJECT, reason=None, at=at, stream="bench")
    )
