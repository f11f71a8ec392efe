"""Entries as the pages show them: read from their bytes, with human names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.canonical_json import CanonicalError
from ledger.history import record_of
from ledger.registry import name_of
from ledger.words import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.envelope import StoredRecord
    from ledger.models import Entry

UNKNOWN = "This version of the site does not know this kind of entry; its bytes stand."


@dataclass(frozen=True)
class Row:
    """One entry on a page; `record` is None where its bytes can no longer be read."""

    entry: Entry
    record: StoredRecord | None
    actor: str
    subject: str
    device: str | None

    @property
    def hash(self) -> str:
        return bytes(self.entry.hash).hex()

    @property
    def is_blank(self) -> bool:
        """Whether its bytes are gone; verification says whether an erasure explains it."""
        return self.entry.body.body is None

    @property
    def sentence(self) -> str:
        """What an entry of this kind says: the first line of its type's description."""
        if self.is_blank:
            return "The bytes of this entry are withheld; its place and its hash stand."
        if self.record is None:
            return "The bytes of this entry cannot be read."
        return sentence(self.record.event) or UNKNOWN


def rows_of(entries: Iterable[Entry]) -> list[Row]:
    """Read the entries (loaded with body and stream) and name everybody in them at once."""
    read = [(entry, _read(entry)) for entry in entries]
    refs = {ref for _, record in read if record for ref in _refs(record)}
    named = name_of(sorted(refs))
    return [_row(entry, record, named) for entry, record in read]


def _row(entry: Entry, record: StoredRecord | None, named: dict[str, str]) -> Row:
    if record is None:
        return Row(entry, None, "", "", None)
    device = record.origin["device"]
    return Row(
        entry,
        record,
        named[record.actor],
        named[record.subject],
        named[device] if device else None,
    )


def _read(entry: Entry) -> StoredRecord | None:
    try:
        return record_of(entry)
    except CanonicalError:
        return None  # the page says so; verification names the fault


def _refs(record: StoredRecord) -> Sequence[str]:
    device = record.origin["device"]
    return [record.actor, record.subject, *([device] if device else [])]
