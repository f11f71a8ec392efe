"""The envelope of an event: how an act becomes bytes, and how bytes become a record again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from ledger.canonical_json import CanonicalError, parse
from ledger.hashing import network_digest
from ledger.origin import current_origin
from ledger.references import REFERENCE
from ledger.registry import EVENT_NAME, Event

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "ledger.event/1"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
MICROSECONDS = 1_000_000
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z\Z", re.ASCII)
_NETWORK = re.compile(r"[0-9a-f]{64}\Z")
_REQUIRED = frozenset({"actor", "at", "event", "origin", "payload", "schema", "subject"})
_OPTIONAL = frozenset({"clock", "reason", "role"})
_ORIGIN = frozenset({"device", "network", "session"})


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
    network = None
    if origin.address:
        network = network_digest(settings.LEDGER_NETWORK_KEY, origin.address)
    written: dict[str, Any] = {
        "actor": actor,
        "at": at.strftime(TIME_FORMAT),
        "event": type(event).name,
        "origin": {"device": origin.device, "network": network, "session": origin.session},
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


def faults(written: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the envelope of a parsed body; None if nothing is."""
    keys = frozenset(written)
    if not _REQUIRED <= keys <= _REQUIRED | _OPTIONAL or written["schema"] != SCHEMA:
        return "its fields are not those of an event"
    for field, pattern in (("event", EVENT_NAME), ("actor", REFERENCE), ("subject", REFERENCE)):
        if not isinstance(written[field], str) or not pattern.match(written[field]):
            return f"its {field} has another form"
    if not isinstance(written["at"], str) or not _is_time(written["at"]):
        return "its time has another form"
    if not isinstance(written["payload"], dict) or not isinstance(
        written.get("clock", {}), dict
    ):
        return "its payload is not an object"
    if not all(isinstance(written.get(field, ""), str) for field in ("reason", "role")):
        return "its reason or role is not text"
    return _origin_fault(written["origin"])


def _is_time(text: str) -> bool:
    if not _TIME.match(text):
        return False
    try:
        datetime.strptime(text, TIME_FORMAT)  # noqa: DTZ007  the Z has been read
    except ValueError:
        return False
    return True


def _origin_fault(origin: object) -> str | None:
    if not isinstance(origin, dict) or frozenset(origin) != _ORIGIN:
        return "its origin has other fields"
    if not all(value is None or isinstance(value, str) for value in origin.values()):
        return "its origin holds something other than text"
    if origin["network"] is not None and not _NETWORK.match(origin["network"]):
        return "its network digest has another form"
    return None


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
    fault = faults(written)
    if fault:
        raise CanonicalError(f"This is no event: {fault}.")
    return StoredRecord(
        sequence=seq,
        stream=origin,
        event=written["event"],
        actor=written["actor"],
        subject=written["subject"],
        at=datetime.strptime(written["at"], TIME_FORMAT).replace(tzinfo=UTC),
        sealed_at=datetime.fromtimestamp(sealed_us / MICROSECONDS, UTC),
        payload=written["payload"],
        reason=written.get("reason"),
        role=written.get("role"),
        origin=written["origin"],
        hash=entry_hash.hex(),
    )
