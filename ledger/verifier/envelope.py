"""The form of an event and the small forms in it: references, names, times, digests."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date
from functools import lru_cache
from typing import Any

EVENT_SCHEMA = "ledger.event/1"
MICROSECONDS = 1_000_000
_REFERENCE = re.compile(r"[a-z][a-z0-9_.]*:[!-~]{1,255}\Z")
_EVENT_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])\.([0-9]{6})Z\Z"
)
_HEX64 = re.compile(r"[0-9a-f]{64}\Z")
_REQUIRED = frozenset({"actor", "at", "event", "origin", "payload", "schema", "subject"})
_ALLOWED = _REQUIRED | {"clock", "reason", "role"}
_ORIGIN_FIELDS = frozenset({"device", "network", "session"})
_FIRST_DAY = date(1970, 1, 1).toordinal()


def envelope_fault(event: dict[str, Any]) -> str | None:
    """Say what is wrong with the form of an event; None if nothing is."""
    fields = event.keys()
    if not _REQUIRED <= fields <= _ALLOWED:
        return "its fields are not those of an event"
    if event["schema"] != EVENT_SCHEMA:
        return "its schema is another"
    if not is_reference(event["actor"]) or not is_reference(event["subject"]):
        return "its actor or subject has another form"
    if not isinstance(event["event"], str) or not _EVENT_NAME.match(event["event"]):
        return "its name has another form"
    if time_us(event["at"]) is None:
        return "its time has another form"
    return _inner_fault(event)


def _inner_fault(event: dict[str, Any]) -> str | None:
    if not isinstance(event["payload"], dict) or not isinstance(event.get("clock", {}), dict):
        return "its payload or clock is not an object"
    if not isinstance(event.get("reason", ""), str) or not isinstance(
        event.get("role", ""), str
    ):
        return "its reason or role is not text"
    origin = event["origin"]
    if not isinstance(origin, dict) or origin.keys() != _ORIGIN_FIELDS:
        return "its origin has other fields"
    for value in origin.values():
        if value is not None and not isinstance(value, str):
            return "its origin holds something other than text"
    if origin["network"] is not None and not _HEX64.match(origin["network"]):
        return "its network digest has another form"
    return None


def is_reference(value: Any) -> bool:
    """Tell whether `value` names an actor or a subject."""
    return isinstance(value, str) and _REFERENCE.match(value) is not None


def is_hex64(value: Any) -> bool:
    """Tell whether `value` is a SHA-256 digest in lower-case hexadecimal digits."""
    return isinstance(value, str) and _HEX64.match(value) is not None


def is_count(value: Any) -> bool:
    """Tell whether `value` is a whole number of 0 or more (true and false are none)."""
    return type(value) is int and value >= 0


def time_us(value: Any) -> int | None:
    """Return microseconds since 1970 of a time in the record's form; None for anything else."""
    matched = _TIME.match(value) if isinstance(value, str) else None
    if matched is None:
        return None
    written, hours, minutes, seconds, micros = matched.groups()
    days = _days_until(written)
    if days is None:
        return None
    passed = ((days * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    return passed * MICROSECONDS + int(micros)


@lru_cache(maxsize=64)
def _days_until(written: str) -> int | None:
    """Return the days from 1970 to YYYY-MM-DD; None if there is no such day."""
    try:
        return date.fromisoformat(written).toordinal() - _FIRST_DAY
    except ValueError:
        return None


def base64url(value: Any) -> bytes | None:
    """Decode base64url without padding in its canonical form; None for anything else."""
    if not isinstance(value, str) or not value.isascii() or "=" in value:
        return None
    try:
        decoded = base64.b64decode(
            value + "=" * (-len(value) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError):
        return None
    canonical = base64.urlsafe_b64encode(decoded).rstrip(b"=").decode()
    return decoded if canonical == value else None
