"""One entry as the copy for people prints it: who, what, when, why, or that it is hidden."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.bundle.scope import SIGNATURE
from ledger.canonical_json import CanonicalError, parse
from ledger.envelope import StoredRecord, read_record, sealing_time
from ledger.words import payload_lines, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.bundle.reading import Row

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MEANINGS = {
    "authorship": "as its author",
    "review": "having reviewed it",
    "approval": "approving it",
    "responsibility": "taking responsibility for it",
    "disapproval": "disapproving of it",
}


def moment(at: datetime) -> str:
    """Return a time in UTC as it is read aloud: 19 Nov 2026 16:20:41 UTC."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} UTC"


def sealed(row: Row) -> str:
    """Return when an entry was sealed; its number where no calendar reaches that far."""
    try:
        return moment(sealing_time(row.sealed_us))
    except (OverflowError, ValueError, OSError):
        return f"{row.sealed_us} microseconds after 1970"


class Teller:
    """Tells entries of one stream; `names` and `erasures` are what the record itself says.

    `names` is what references are called, `erasures` which entry says that another is erased.
    """

    def __init__(
        self, origin: str, names: Mapping[str, str], erasures: Mapping[int, int]
    ) -> None:
        self.origin, self.names, self.erasures = origin, names, erasures

    def entry(self, row: Row, reason: str | None) -> dict[str, Any]:
        """Return what the template prints of one entry."""
        told: dict[str, Any] = {
            "seq": row.seq,
            "number": f"#{row.seq:,}",
            "sealed": sealed(row),
            "commitment": row.commitment.hex(),
            "hash": row.hash.hex(),
        }
        if row.body is None:
            return told | {"state": "erased", "by": self.erasures.get(row.seq)}
        if reason is not None:
            return told | {"state": "withheld", "reason": reason}
        try:
            record = read_record(self.origin, row.seq, 0, row.hash, row.body)
        except CanonicalError as error:
            return told | {"state": "unreadable", "reason": str(error)}
        return told | {"state": "shown"} | self._record(record)

    def _record(self, record: StoredRecord) -> dict[str, Any]:
        device = record.origin["device"]
        return {
            "event": record.event,
            "sentence": sentence(record.event),
            "at": moment(record.at),
            "exact": record.at.isoformat(),
            "actor": self.called(record.actor),
            "role": (record.role or "").replace("_", " "),
            "subject": self.called(record.subject),
            "reason": record.reason,
            "device": self.called(device) if device else None,
            "session": record.origin["session"],
            "network": record.origin["network"],
            "signature": self.signature(record) if record.event == SIGNATURE else None,
            "lines": [
                (min(depth, 6), name.replace("_", " "), self._value(value))
                for depth, name, value in payload_lines(record.payload)
            ],
        }

    def called(self, ref: str) -> tuple[str, str]:
        """Return what a reference is called and the reference; a job is the system."""
        kind, _, identity = ref.partition(":")
        if kind == "system":
            return f"the system ({identity.replace('_', ' ')})", ref
        return self.names.get(ref, ""), ref

    def _value(self, value: Any) -> Any:
        if isinstance(value, str) and value in self.names:
            return f"{self.names[value]} ({value})"
        return value

    def signature(self, record: StoredRecord) -> dict[str, Any] | None:
        """Return what was signed, as the signed text says it; None if that cannot be read."""
        try:
            manifest = parse(record.payload["manifest"].encode())
            return {
                "printed_name": str(manifest["printed_name"]),
                "meaning": str(manifest["meaning"]),
                "words": MEANINGS.get(str(manifest["meaning"]), ""),
                "statement": str(manifest["statement"]),
                "time_zone": str(manifest["time_zone"]),
                "at": moment(record.at),
                "exact": record.at.isoformat(),
                "seq": record.sequence,
                "records": [
                    (str(item["record_id"]), int(item["version"]), str(item["content_hash"]))
                    for item in manifest["items"]
                ],
                "components": ", ".join(map(str, record.payload["components"])),
                "passkey": record.payload["webauthn"] is not None,
            }
        except (CanonicalError, AttributeError, KeyError, TypeError, ValueError):
            return None
