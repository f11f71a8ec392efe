"""The envelope of an event: how an act becomes bytes, and how bytes become a record again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.canonical_json import CanonicalError, parse
from ledger.origin import current_origin
from ledger.registry import Event
from ledger.verifier.envelope import EVENT_SCHEMA as SCHEMA
from ledger.verifier.envelope import MICROSECONDS, envelope_fault

__all__ = [
    "MICROSECONDS",
    "SCHEMA",
    "TIME_FORMAT",
    "StoredRecord",
    "envelope",
    "read_record",
    "sealing_time",
]

TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # periods of retention can still be added


def envelope(
    event: Event,
    *,
    actor: str,
    subject: str,
    reason: str | None,
    at: datetime,
    stream: str | None = None,
) -> dict[str, Any]:
    """Return what is written for `event`: who, what about, when, from where, in which role.

    `stream` is the project's id whose stream it goes to; None: the organisation's.
    """
    origin = current_origin()
    written: dict[str, Any] = {
        "actor": actor,
        "at": at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z",
        "event": type(event).name,
        "origin": {
            "device": origin.device,
            "network": origin.network,
            "session": origin.session,
        },
        "payload": event.payload(),
        "schema": SCHEMA,
        "subject": subject,
    }
    if reason is not None:
        written["reason"] = reason
    role = origin.role_in(stream)
    if role is not None:
        written["role"] = role
    return written


@dataclass(frozen=True, kw_only=True)
class StoredRecord:
    """An entry read back from its bytes; see `ledger.Record` for the fields."""

    sequence: int
    stream: str
    event: str
    actor: str
    subject: str
    at: datetime
    sealed_at: datetime
    payload: dict[str, Any]
    reason: str | None
    role: str | None
    origin: dict[str, Any]
    hash: str


def read_record(
    origin: str, seq: int, sealed_us: int, entry_hash: bytes, body: bytes
) -> StoredRecord:
    """Return the record of one entry; raise CanonicalError if its body is no event."""
    written = parse(body)
    fault = envelope_fault(written)
    if fault:
        raise CanonicalError(f"This is no event: {fault}.")
    return StoredRecord(
        sequence=seq,
        stream=origin,
        event=written["event"],
        actor=written["actor"],
        subject=written["subject"],
        at=datetime.strptime(written["at"], TIME_FORMAT).replace(tzinfo=UTC),
        sealed_at=sealing_time(sealed_us),
        payload=written["payload"],
        reason=written.get("reason"),
        role=written.get("role"),
        origin=written["origin"],
        hash=entry_hash.hex(),
    )


def sealing_time(sealed_us: int) -> datetime:
    """Return the time of `sealed_us`, microseconds since 1970 in UTC.

    One that no calendar has, which only a forgery holds, is the earliest or latest there is:
    pages must go on showing what verification finds at fault.
    """
    try:
        time = _EPOCH + timedelta(microseconds=sealed_us)
    except OverflowError:
        return _EARLIEST if sealed_us < 0 else _LATEST
    return min(max(time, _EARLIEST), _LATEST)
