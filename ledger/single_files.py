"""Single files that prove one thing to whoever keeps them: formats.md, "Single files".

A receipt, a C2SP `.tlog-proof` of one entry, and a `.tlog-consistency` between two sizes.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from ledger import checkpoints, tiles
from ledger.canonical_json import canonical
from ledger.hashing import first_prev, leaf
from ledger.models import Checkpoint, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.models import Stream

SCHEMA = "ledger.receipt/1"
PROOF_TITLE = "c2sp.org/tlog-proof@v1"


class NotYetProvenError(ValueError):
    """No checkpoint covers this entry, or this size, yet: ask again in a minute."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"No checkpoint of {origin} covers this yet; ask again in a minute.")


class NoSuchEntryError(ValueError):
    """The stream has no entry at this position, or none of this size was signed."""

    def __init__(self, origin: str, what: str) -> None:
        super().__init__(f"{origin} has no {what}.")


def receipt_of(stream: Stream, seq: int) -> dict[str, Any]:
    """Return the receipt of one entry: where it stands and, once one covers it, the newest
    checkpoint with the proof that the entry is in its tree; both or neither.

    Raises NoSuchEntryError.
    """
    entry = _entry(stream, seq)
    covering = _covering(stream, seq)
    proof = covering and [h.hex() for h in tiles.inclusion_proof(stream, seq, covering.size)]
    return {
        "checkpoint": covering and covering.note,
        "commitment": bytes(entry.commitment).hex(),
        "hash": bytes(entry.hash).hex(),
        "origin": stream.origin,
        "prev": _prev(stream, seq).hex(),
        "proof": proof,
        "schema": SCHEMA,
        "sealed_us": entry.sealed_us,
        "seq": seq,
    }


def receipt(stream: Stream, seq: int) -> bytes:
    """Return the bytes of the receipt file: canonical JSON.  Raises NoSuchEntryError."""
    return canonical(receipt_of(stream, seq))


def tlog_proof(stream: Stream, seq: int, *, withheld: bool = False) -> bytes:
    """Return the C2SP `.tlog-proof` of one entry, with its body unless `withheld` or erased.

    Raises NoSuchEntryError, or NotYetProvenError before the first checkpoint that covers it.
    """
    entry = _entry(stream, seq)
    covering = _covering(stream, seq)
    if covering is None:
        raise NotYetProvenError(stream.origin)
    extra = leaf(
        bytes(stream.origin_id),
        seq,
        entry.sealed_us,
        _prev(stream, seq),
        bytes(entry.commitment),
    )
    if not withheld and entry.body.body is not None:
        extra += bytes(entry.body.salt or b"") + bytes(entry.body.body)
    proof = tiles.inclusion_proof(stream, seq, covering.size)
    head = [PROOF_TITLE, f"extra {_base64(extra)}", f"index {seq}", *map(_base64, proof)]
    return _lines(head, covering.note)


def tlog_consistency(stream: Stream, old_size: int) -> bytes:
    """Return the proof that the newest checkpoint's tree begins with that of `old_size`.

    It is the body of a C2SP `add-checkpoint` request.  Raises NoSuchEntryError for sizes that
    the stream never had, NotYetProvenError for one larger than the newest checkpoint's.
    """
    covering = checkpoints.newest(stream)
    if old_size < 1:
        raise NoSuchEntryError(stream.origin, f"tree of {old_size} entries to begin with")
    if covering is None or old_size > covering.size:
        raise NotYetProvenError(stream.origin)
    proof = tiles.consistency_proof(stream, old_size, covering.size)
    return _lines([f"old {old_size}", *map(_base64, proof)], covering.note)


def _entry(stream: Stream, seq: int) -> Entry:
    entry = Entry.objects.filter(stream=stream, seq=seq).select_related("body").first()
    if entry is None:
        raise NoSuchEntryError(stream.origin, f"entry #{seq:,}")
    return entry


def _covering(stream: Stream, seq: int) -> Checkpoint | None:
    newest = checkpoints.newest(stream)
    return newest if newest is not None and newest.size > seq else None


def _prev(stream: Stream, seq: int) -> bytes:
    if seq == 0:
        return first_prev(bytes(stream.origin_id))
    before = Entry.objects.filter(stream=stream, seq=seq - 1)
    return bytes(before.values_list("hash", flat=True).get())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _lines(head: Iterable[str], note: str) -> bytes:
    return "".join(f"{line}\n" for line in (*head, "")).encode() + note.encode()
