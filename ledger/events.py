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
    """Somebody verified the record and found nothing wrong.

    Completeness reads unknown for a stream whose end no trusted checkpoint vouches for.
    """

    run: str
    scope: str
    streams: tuple[StreamHead, ...]
    entries: int
    milliseconds: int


class LedgerVerificationFailed(Event, name="ledger.verification_failed"):
    """Somebody verified the record, and something was altered, missing or in disagreement."""

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


@dataclass(frozen=True, kw_only=True, order=True)
class CataloguedEvent:
    """A kind of event, the fields of its payload, and the modules that make it."""

    event: str
    fields: tuple[str, ...]
    doors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CataloguedDoor:
    """A module that makes entries, and SHA-256 (hexadecimal) of its source."""

    door: str
    digest: str


class EventsCatalogued(Event, name="ledger.events_catalogued"):
    """Which kinds of entries the installed code makes, and where, was written down.

    What is no longer declared or made afterwards fails verification.
    """

    events: tuple[CataloguedEvent, ...]
    doors: tuple[CataloguedDoor, ...]


class ClockDriftDetected(Event, name="clock.drift_detected"):
    """The database's clock had stepped back behind the newest entry by more than a second."""

    stream: str
    microseconds: int


class SealingDelayed(Event, name="ledger.sealing_delayed"):
    """Entries of a stream, the oldest `since` then, waited too long to be linked into it."""

    stream: str
    since: str
    entries: int
    milliseconds: int


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


class CheckpointSigned(Event, name="ledger.checkpoint_signed"):
    """The signer signed the tree of another stream; `root` and `key_id` are hexadecimal.

    formats.md fixes these fields.  The organisation's own checkpoints are not recorded in it.
    """

    origin: str
    size: int
    root: str
    key_id: str


class KeyRotated(Event, name="key.rotated"):
    """From the next entry on another key signs; both signed that it succeeds (formats.md)."""

    epoch: int
    old_vkey: str
    new_vkey: str
    cause: str


class KeyCompromised(Event, name="key.compromised"):
    """Somebody else may have the signing key: what it signs is worth what anchors say."""

    epoch: int
    vkey: str
    cause: str


class RollbackDetected(Event, name="ledger.rollback_detected"):
    """The database no longer holds what was signed: it was set back, or changed.

    `signed_size` and `signed_root` (hexadecimal) are what the signer remembers, `size` is how
    many entries there are now and `root` that of the first `signed_size`, if there are so many.
    Nothing but the record itself writes until a recovery is declared.
    """

    origin: str
    signed_size: int
    signed_root: str
    size: int
    root: str | None


class RecoveryDeclared(Event, name="ledger.recovery_declared"):
    """The site goes on with a stream whose newest entries are lost; `note` is signed for it.

    Whoever holds a checkpoint or receipt of the lost part still holds the proof of it.
    """

    origin: str
    size: int
    lost_size: int
    lost_root: str
    note: str


@dataclass(frozen=True, kw_only=True)
class LostPart:
    """What is lost of a stream: it had `lost_size` entries when signed, `size` are left.

    `lost_root` (hexadecimal) is that of the `lost_size` entries that were signed.
    """

    origin: str
    size: int
    lost_size: int
    lost_root: str


class RecoveryApproved(Event, name="ledger.recovery_approved"):
    """Two people have decided to go on without what is lost; the declarations follow.

    Without a `lost` part everything is there again, and the record is held no longer.
    """

    requested_by: str
    approved_by: str
    lost: tuple[LostPart, ...]


class PositionLost(Event, name="ledger.position_lost"):
    """Before the recovery another entry had this position; a new one shall never have it."""

    lost_size: int
    lost_root: str


@dataclass(frozen=True, kw_only=True)
class AdoptedHead:
    """The newest checkpoint of a stream in the database; `root` is hexadecimal."""

    origin: str
    size: int
    root: str


class SignerStateAdopted(Event, name="ledger.signer_state_adopted"):
    """The signer had lost its memory and took these checkpoints for what it signed last."""

    heads: tuple[AdoptedHead, ...]


@dataclass(frozen=True, kw_only=True)
class AnchoredAt:
    """An anchor that took a checkpoint, and SHA-256 (hexadecimal) of the token it gave."""

    kind: str
    target: str
    token_sha256: str


@dataclass(frozen=True, kw_only=True)
class AnchoredHead:
    """A checkpoint that left the building, and where to; `root` is hexadecimal."""

    origin: str
    size: int
    root: str
    anchors: tuple[AnchoredAt, ...]


class AnchorPublished(Event, name="ledger.anchor_published"):
    """Checkpoints were handed to anchors, each of which gave back a token that was checked."""

    checkpoints: tuple[AnchoredHead, ...]


class AnchorDelayed(Event, name="ledger.anchor_delayed"):
    """An anchor lacks a checkpoint for longer than two intervals of the signer.

    Once for each time that it falls behind; `error` is what the last attempt said.
    """

    kind: str
    target: str
    origin: str
    waiting_since: str
    last_size: int
    error: str


class AnchorContradicted(Event, name="ledger.anchor_contradicted"):
    """An anchor holds another history than this record: one of the two was rewritten."""

    kind: str
    target: str
    origin: str
    size: int
    what: str
