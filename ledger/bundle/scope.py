"""What a bundle shows and withholds: every entry is in it, some with their bodies hidden.

Leaves and tiles are always complete, since proofs need them; a scope only decides about bodies.
Whatever a verifier needs is shown in every scope: erasures, keys, recorded checkpoints, the
passkeys of whoever signed, and the sealed records that a shown signature is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from ledger.canonical_json import CanonicalError, parse
from ledger.envelope import MICROSECONDS
from ledger.references import ORGANISATION, REFERENCE
from ledger.registry import event_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

# Without these nobody can check: erased bodies, keys, heads of the other streams.
ABOUT_THE_RECORD = frozenset(
    {
        "catalogue_fingerprint.recorded",
        "clock.drift_detected",
        "key.compromised",
        "key.rotated",
        "ledger.anchor_contradicted",
        "ledger.anchor_delayed",
        "ledger.anchor_published",
        "ledger.checkpoint_signed",
        "ledger.entry_erased",
        "ledger.position_lost",
        "ledger.recovery_declared",
        "ledger.rollback_detected",
        "ledger.signer_state_adopted",
        "ledger.verification_failed",
        "ledger.verified",
    }
)
PASSKEYS = frozenset({"credential.mfa_enrolled", "credential.mfa_revoked"})
SIGNATURE = "signature.applied"
OUTSIDE_PERIOD = "outside the period"
OTHER_RECORD = "about other records"
ELSEWHERE = "not about this project"
_SPECIFIC = re.compile(r"[0-9a-f-]{32,64}\Z")  # an identity that is nobody else's
_EVENT = re.compile(rb'"event":"([a-z0-9_.]{1,64})"')
_REFERENCE = re.compile(rb"[a-z][a-z0-9_.]*:[!#-\[\]-~]{1,255}")


class ScopeError(ValueError):
    """What was asked for is no scope; the sentence says what to correct."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which bodies a bundle shows: of a whole stream, of a period, or about one record.

    `key` is "org" or a project's.  Both days are included (UTC); `record` is a reference.
    Raises ScopeError for what cannot be meant.
    """

    key: str
    since: date | None = None
    until: date | None = None
    record: str | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.until < self.since:
            raise ScopeError("The period ends before it begins; exchange the two days.")
        if self.record is not None and not REFERENCE.match(self.record):
            raise ScopeError(
                "Name the record as it stands in its entries, like 'app.thing:id'."
            )
        if self.record is not None and (self.since or self.until):
            raise ScopeError("Choose one: a period, or one record.")

    @property
    def is_organisation(self) -> bool:
        return self.key == ORGANISATION

    @property
    def has_period(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def words(self) -> str:
        """The scope in words, as the manifest's `kind` and the copy for people print it."""
        if self.record is not None:
            return f"record {self.record}"
        of = "organisation" if self.is_organisation else "project"
        if not self.has_period:
            return f"whole {of}"
        since = f" from {self.since.isoformat()}" if self.since else ""
        until = f" until {self.until.isoformat()}" if self.until else ""
        return f"{of}, entries sealed{since}{until} UTC"

    def told(self) -> dict[str, str]:
        """Return the scope as the manifest says it; the organisation's project is "org"."""
        return {"kind": self.words, "project": self.key}

    def in_period(self, sealed_us: int) -> bool:
        """Tell whether an entry sealed then, in microseconds since 1970 UTC, is within it."""
        if self.since and sealed_us < _midnight(self.since):
            return False
        return not (self.until and sealed_us >= _midnight(self.until + timedelta(days=1)))


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time.min, tzinfo=UTC).timestamp()) * MICROSECONDS


def event_of(body: bytes) -> str:
    """Return the event that a body names; nothing for bytes that are no event.

    In canonical bytes a quote inside a text is escaped and `actor` and `at` come first, so the
    first mark is the event's own.
    """
    found = _EVENT.search(body)
    return found[1].decode() if found else ""


def references_in(body: bytes) -> set[str]:
    """Return everything in a body that could be a reference."""
    return {found.decode() for found in _REFERENCE.findall(body)}


def marks_of(record: str) -> list[bytes]:
    """Return the byte strings one of which a body holds that is about this record.

    An identity that can be nobody else's counts alone, as in a signature's manifest.
    """
    identity = record.partition(":")[2]
    names = [record, identity] if _SPECIFIC.match(identity) else [record]
    quoted = [(f'"{name}"', f'\\"{name}\\"') for name in names]
    return [mark.encode() for pair in quoted for mark in pair]


def signed_items(body: bytes) -> Iterator[tuple[str, int]]:
    """Yield record and version of what a `signature.applied` is about."""
    try:
        written = parse(body)
        items = parse(written["payload"]["manifest"].encode())["items"]
        yield from [(str(item["record_id"]), int(item["version"])) for item in items]
    except (CanonicalError, KeyError, TypeError, ValueError, AttributeError):
        return  # a broken one is shown as it is; the verifier names its fault


def sealed_record(body: bytes) -> tuple[str, int] | None:
    """Return record and version that an entry seals; None if it seals none."""
    if b'"content_hash"' not in body or b'"record_id"' not in body:
        return None
    try:
        payload: Mapping[str, Any] = parse(body)["payload"]
        return str(payload["record_id"]), int(payload["version"])
    except (CanonicalError, KeyError, TypeError, ValueError):
        return None


def calling_events() -> dict[str, str]:
    """Return the events that say what their subject is called, and the field that does."""
    return {name: kind.calls for name, kind in event_types.items() if kind.calls}
