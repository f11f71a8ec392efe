"""What the ledger records about itself."""

from dataclasses import dataclass
from typing import Any

from ledger.registry import Event


@dataclass(frozen=True, kw_only=True)
class StreamHead:
    """A stream as a verification found it; `root` is base64 of the tree's root at `size`."""

    origin: str
    size: int
    root: str
    integrity: str
    completeness: str
    first_bad_seq: int | None


@dataclass(frozen=True, kw_only=True)
class CatalogueItem:
    """One trigger, function, table or grant of the record, and the digest of its definition."""

    item: str
    digest: str


class LedgerVerified(Event, name="ledger.verified"):
    """Somebody verified the record, and every verdict was good."""

    run: str
    scope: str
    streams: tuple[StreamHead, ...]
    entries: int
    milliseconds: int


class LedgerVerificationFailed(Event, name="ledger.verification_failed"):
    """Somebody verified the record, and a verdict was not good."""

    run: str
    scope: str
    streams: tuple[StreamHead, ...]
    entries: int
    milliseconds: int
    codes: tuple[str, ...]
    rows_without_entry: int
    entries_without_row: int
    mismatched: int


class CatalogueFingerprintRecorded(Event, name="catalogue_fingerprint.recorded"):
    """How the database guards the record was written down, to be compared from now on."""

    fingerprint: str
    server_version: int
    items: tuple[CatalogueItem, ...]


class ClockDriftDetected(Event, name="clock.drift_detected"):
    """The database's clock had stepped back behind the newest entry by more than a second."""

    stream: str
    microseconds: int


class EntryErased(Event, name="ledger.entry_erased"):
    """The bytes of an entry are gone, on the word of two people; its commitment stays.

    formats.md fixes these four fields: verifiers require one such entry for each blank body.
    """

    seq: int
    commitment: str
    basis: str
    approved_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Remains:
    """What stays of one entry whose bytes go: facts that tables rest on, no free text."""

    seq: int
    commitment: str
    event: str
    actor: str
    subject: str
    at: str
    payload: dict[str, Any]
    had_reason: bool


class RemainsKept(Event, name="ledger.remains_kept"):
    """Of entries about to be erased, the facts that tables rest on were kept."""

    request: str
    entries: tuple[Remains, ...]
