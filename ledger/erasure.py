"""Erase entries: what may go, what stays of it, and the blanking itself, by ledger_eraser.

An erased entry keeps its place, time, hash and commitment.  Its bytes and their salt become
NULL in the transaction that appends `ledger.entry_erased` to the same stream, which says who
approved it and on what basis; the database itself insists on that order.  Who may ask, who
approves, holds and periods are the business of the app that calls.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import NotSupportedError, connections, transaction

from ledger import scan, sealer
from ledger.canonical_json import CanonicalError, canonical, parse
from ledger.envelope import StoredRecord, envelope, sealing_time
from ledger.events import EntryErased, Remains, RemainsKept
from ledger.hashing import SALT_BYTES
from ledger.history import record_of, stream_origin
from ledger.models import Entry
from ledger.references import reference
from ledger.registry import recorded_tables, scrubbers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ledger.references import Actor

SIGNED = "signature.applied"  # formats.md: what its manifest binds must stay readable
WITHHELD = "withheld"
FREE_TEXT = frozenset({"reason", "justification", "cause", "comment"})
MOST = 200  # entries in one request: what stays of them fits one entry
# What verifiers read, and what says who erased, held or signed: formats.md, "Verifier".
BONES = {
    "ledger": "it belongs to the record's own proof",
    "key": "verifiers need it to know which key signed",
    "catalogue_fingerprint": "the database's guards are compared with it",
    "signature": "it is a signature, or says what became of one",
    "credential": "verifiers need it to know whose signatures count",
    "erasure": "it says who erased what",
    "legal_hold": "it says what is held",
    "retention": "it says how long records are kept",
    "project": "it opens its stream",
    "subject_key": "it says whose key was destroyed",
}

_ERASE = """
WITH told AS (SELECT ledger.erase(%s, %s, %s) AS body_id)
INSERT INTO ledger_indexedentry
    (body_id, stream_id, event, actor, subject, at, session, device)
SELECT body_id, %s, %s, %s, %s, %s, %s, %s FROM told
"""
MAINTAIN_SINCE = 170000
_SWEPT = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace IN ('ledger'::regnamespace, 'public'::regnamespace)
  AND has_table_privilege(c.oid, 'MAINTAIN') ORDER BY 1
"""
_STAYED = re.compile(r"(\d+) dead row versions cannot be removed yet")
_FORGET = "DELETE FROM ledger_indexedentry WHERE body_id = %s"


@dataclass(frozen=True, kw_only=True)
class Target:
    """An entry that somebody wants erased; `record` is None once its bytes are gone."""

    stream: str | None  # a project's id; None: the organisation's
    stream_id: int
    seq: int
    body_id: int
    commitment: str
    sealed_at: datetime
    record: StoredRecord | None

    @property
    def ledger_ref(self) -> str:
        """The record's name of an entry, as the erasure's subject (formats.md)."""
        return f"ledger.entry:{self.seq}"

    @property
    def ledger_stream(self) -> str | None:
        return self.stream


def targets(
    stream: str | None,
    *,
    positions: Collection[int] | None = None,
    subjects: Collection[str] | None = None,
) -> list[Target]:
    """Return the entries of a stream at `positions`, or about any of `subjects`, in order.

    At most one more than an erasure can hold, so that whoever asks can tell.
    """
    entries = Entry.objects.filter(stream__origin=stream_origin(stream))
    if positions is not None:
        entries = entries.filter(seq__in=list(positions))
    if subjects is not None:
        entries = entries.filter(body__indexed__subject__in=list(subjects))
    found = entries.select_related("body", "stream").order_by("seq")[: MOST + 1]
    return [_target(stream, entry) for entry in found]


def _target(stream: str | None, entry: Entry) -> Target:
    try:
        record = record_of(entry)
    except CanonicalError:
        record = None
    return Target(
        stream=stream,
        stream_id=entry.stream_id,
        seq=entry.seq,
        body_id=entry.body_id,
        commitment=bytes(entry.commitment).hex(),
        sealed_at=sealing_time(entry.sealed_us),
        record=record,
    )


def obstacles(wanted: Sequence[Target]) -> dict[int, str]:
    """Return, by position, why an entry is never erased; those that may go are not in it."""
    found = {}
    sealed = _signed_versions() if any(_version(t) for t in wanted) else frozenset()
    for target in wanted:
        said = _obstacle(target, sealed)
        if said:
            found[target.seq] = said
    return found


def _obstacle(target: Target, signed: frozenset[tuple[str, int]]) -> str | None:
    if target.record is None:
        return "its bytes are gone already"
    event = target.record.event
    bone = BONES.get(event.partition(".")[0])
    if bone:
        return bone
    if _version(target) in signed:
        return "a signature is bound to the version it seals"
    if any(event in table.events for table in recorded_tables.values()):
        return None if event in scrubbers else "a table of this site rests on what it says"
    return None


def _version(target: Target) -> tuple[str, int] | None:
    payload = target.record.payload if target.record else {}
    if "record_id" not in payload or "version" not in payload:
        return None
    return str(payload["record_id"]), int(payload["version"])


def _signed_versions() -> frozenset[tuple[str, int]]:
    """Return every record version that a signature in any stream is bound to."""
    found = set()
    for record in scan.records({SIGNED}):
        try:
            items = parse(str(record.payload.get("manifest")).encode())["items"]
            found |= {(str(item["record_id"]), int(item["version"])) for item in items}
        except (CanonicalError, KeyError, TypeError, ValueError):
            continue  # verification reports a manifest that is none
    return frozenset(found)


def remains(wanted: Iterable[Target], *, request: str) -> RemainsKept | None:
    """See `ledger.remains_of`."""
    kept = [each for target in wanted if (each := _remains_of(target))]
    return RemainsKept(request=request, entries=tuple(kept)) if kept else None


def _remains_of(target: Target) -> Remains | None:
    record = target.record
    if record is None or not any(record.event in t.events for t in recorded_tables.values()):
        return None
    payload: dict[str, Any] = {
        name: WITHHELD if name in FREE_TEXT and value else value
        for name, value in record.payload.items()
    }
    return Remains(
        seq=target.seq,
        commitment=target.commitment,
        event=record.event,
        actor=record.actor,
        subject=record.subject,
        at=record.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        payload=payload,
        had_reason=record.reason is not None,
    )


def scrub(request: str) -> None:
    """Let the apps withhold in their tables what they copied from entries that go."""
    for record in scan.records({RemainsKept.name}):
        if record.payload["request"] == request:
            for said in record.payload["entries"]:
                scrubbers[said["event"]](said["subject"], said["payload"])


def erase(
    wanted: Iterable[Target],
    *,
    basis: str,
    approved_by: Sequence[str],
    by: Actor | str,
    reason: str,
) -> list[int]:
    """Blank the bytes of these entries of one stream, all or none; return their positions.

    Each is preceded by its own `ledger.entry_erased` in the same transaction, on a connection
    of ledger_eraser.  What is blank already is passed over, so that it can be called again
    after a crash.  Raises ValueError unless two different people approved.
    """
    if len(set(approved_by)) < 2:  # noqa: PLR2004  formats.md: two, and different
        raise ValueError("Two different people approve an erasure.")
    left = [target for target in wanted if target.record is not None]
    with transaction.atomic(using="erase"), connections["erase"].cursor() as cursor:
        for target in left:
            event = EntryErased(
                seq=target.seq,
                commitment=target.commitment,
                basis=basis,
                approved_by=tuple(approved_by),
            )
            cursor.execute(_ERASE, _erasing(event, target, actor=reference(by), reason=reason))
            cursor.execute(_FORGET, [target.body_id])
    sealer.seal_everything()
    return [target.seq for target in left]


def _erasing(event: EntryErased, target: Target, *, actor: str, reason: str) -> list[Any]:
    at = datetime.now(UTC)
    written = envelope(
        event,
        actor=actor,
        subject=target.ledger_ref,
        reason=reason,
        at=at,
        stream=target.stream,
    )
    origin = written["origin"]
    return [
        target.body_id,
        secrets.token_bytes(SALT_BYTES),
        canonical(written),
        target.stream_id,
        written["event"],
        written["actor"],
        written["subject"],
        at,
        origin["session"],
        origin["device"],
    ]


def erasures(stream: str | None, positions: Collection[int]) -> dict[int, StoredRecord]:
    """Return, by position, the entry that says an entry at one of `positions` was erased."""
    refs = [f"ledger.entry:{seq}" for seq in positions]
    entries = Entry.objects.filter(
        stream__origin=stream_origin(stream),
        body__indexed__event=EntryErased.name,
        body__indexed__subject__in=refs,
    )
    told = [record_of(entry) for entry in entries.select_related("body", "stream")]
    return {int(record.payload["seq"]): record for record in told}


def sweep() -> dict[str, int]:
    """Rewrite every table that ledger_eraser may, without the old versions of its rows.

    Returns, by table, how many old versions had to stay because a transaction that is still
    running could see them: sweep again then.

    These are the bytes, the search index and whatever app tables copy free text from entries.
    PostgreSQL leaves an old version of a row in its file until the space is used again; only
    a rewrite ends that.  It locks each table for as long as it takes; copies in the
    write-ahead log, replicas and backups age by their own rules.  Raises
    django.db.NotSupportedError before PostgreSQL 17, where that right cannot be given, and
    OperationalError where a table stays in use for five seconds.
    """
    with connections["erase"].cursor() as cursor:
        if connections["erase"].connection.server_version < MAINTAIN_SINCE:
            raise NotSupportedError("Before PostgreSQL 17 only the owner rewrites a table.")
        cursor.execute("SET lock_timeout = '5s'")  # appends would wait behind it meanwhile
        cursor.execute(_SWEPT)
        return {table: _rewrite(cursor, table) for (table,) in cursor.fetchall()}


def _rewrite(cursor: Any, table: str) -> int:
    """Rewrite one table; return how many old versions PostgreSQL could not leave out."""
    notices = connections["erase"].connection.notices
    notices.clear()
    cursor.execute(f"VACUUM (FULL, VERBOSE) {table}")
    stayed = _STAYED.search("".join(notices))
    if stayed is None:
        raise NotSupportedError(f"PostgreSQL does not say what it left in {table}.")
    return int(stayed[1])
