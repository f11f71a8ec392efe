"""Signed heads of the streams: who holds one can tell whatever is later taken from before it.

In this order, whatever dies between two steps: tiles; a consistency proof from what was signed
last; the signature; the signer's own memory, durably; the record in the organisation's stream;
the published row.  What was signed and remembered but not published is published first of all
next time, byte for byte, so that no size ever gets a second root.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import connection, connections, transaction

from ledger import chain, rollback, sealer, standing, succession, tiles
from ledger.canonical_json import canonical
from ledger.events import CheckpointSigned
from ledger.models import Checkpoint, Stream
from ledger.notes import Signer
from ledger.proofs import verify_consistency
from ledger.rollback import ACTOR, Contradiction, RolledBackError, StreamSubject
from ledger.signer_state import StateError
from ledger.standing import Published
from ledger.verifier.notes import Checkpoint as Head
from ledger.verifier.notes import VKey, checkpoint_text, parse_note

if TYPE_CHECKING:
    from ledger.signer_state import Epoch, KeyHistory
    from ledger.standing import Standing

logger = logging.getLogger(__name__)

WAKE = "ledger_checkpoint"  # the channel on which PostgreSQL wakes the clockwork
TITLE = "ledger/v1 "
# Nobody waits for the disk here: what a power loss takes, the signer publishes again.
_UNFLUSHED = "SET LOCAL synchronous_commit = off"
_INSERT = """
INSERT INTO ledger.checkpoint (stream, size, root, note) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING size, root, note
"""


class NothingToSignError(ValueError):
    """The stream has no entry yet, or there is no such stream."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"There is no stream {origin!r} with an entry to sign.")


def sign(origin: str) -> str:
    """Return the newest signed note of a stream, signed now if the stream grew.

    A project's new checkpoint is recorded in the organisation's stream, whose own checkpoint
    follows.  Raises NothingToSignError, or SignerError with what keeps the signer from signing.
    """
    signer = Signer.of_site()
    with signer.state.alone():
        require_possible(signer)
        note = _sign(signer, origin)
        if note and origin != signer.org:
            _sign(signer, signer.org)
    if note is None:
        raise NothingToSignError(origin)
    return note


def sign_everything() -> list[str]:
    """Sign every stream that grew, the organisation's last; return the newest note of each.

    Raises SignerError with what keeps the signer from signing.
    """
    signer = Signer.of_site()
    with signer.state.alone():
        require_possible(signer)
        return everything(signer)


def newest(stream: Stream) -> Checkpoint | None:
    """Return the newest published checkpoint of a stream; None if there is none."""
    return Checkpoint.objects.filter(stream=stream).order_by("-size").first()


def vkey(origin: str) -> str:
    """Return a stream's verifier key now; the organisation's opens the whole site."""
    return str(VKey.for_origin(origin, Signer.of_site().history().newest.public))


def keys_json() -> bytes:
    """Return the bytes of `keys.json`: every key of the site and where it came into force."""
    signer = Signer.of_site()
    return canonical(
        {
            "keys": [
                {
                    "epoch": epoch.number,
                    "rotated_seq": epoch.rotated_seq,
                    "vkey": str(VKey.for_origin(signer.org, epoch.public)),
                }
                for epoch in signer.history().epochs
            ],
            "org": signer.org,
            "schema": "ledger.keys/1",
        }
    )


def successions() -> dict[int, str]:
    """Return the note by which trust passes to each key after the first, by its epoch."""
    signer = Signer.of_site()
    found = {e.number: signer.state.succession(e.number) for e in signer.history().epochs[1:]}
    missing = [number for number, note in found.items() if note is None]
    if missing:
        raise StateError(
            f"The succession note of epoch {missing[0]} is gone; restore it from the backup of"
            " the keys, or run manage.py adopt_signer_state while the old key is there."
        )
    return {number: note for number, note in found.items() if note is not None}


def sign_text(text: str) -> str:
    """Sign a text under the organisation's name by the key in force: a bundle's manifest.

    Raises ValueError unless its first line is a title of ours, as no checkpoint's is.
    """
    if not text.startswith(TITLE):
        raise ValueError("Only texts with a title are signed: a checkpoint has none.")
    signer = Signer.of_site()
    return signer.sign(text, signer.org, [signer.history().newest])


def wake_after_commit() -> None:
    """Have the transaction under way followed at once by a checkpoint, if it commits."""
    transaction.on_commit(after_signature, robust=True)  # a minute later it comes anyway


def after_signature() -> None:
    """Wake the clockwork, in whichever process it works: something was signed or frozen."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE}")


def everything(signer: Signer) -> list[str]:
    """Do the work of `sign_everything` for a signer that is alone and may sign."""
    streams = Stream.objects.exclude(origin=signer.org).order_by("id")
    notes = [_sign(signer, origin) for origin in streams.values_list("origin", flat=True)]
    notes.append(_sign(signer, signer.org))
    return [note for note in notes if note is not None]


def publish(signer: Signer, stream: Stream, head: Head, note: str) -> None:
    """Bring record and row up to what the signer remembers, as far as they are missing."""
    found = standing.published(stream, head.size)
    if found is not None:
        _require_same(found, head, note)
    else:
        _publish(signer, stream, head, note, is_recorded=_is_recorded(head))


def keep(signer: Signer, head: Head) -> str:
    """Sign `head` and remember it durably; from here on it is what the stream has been."""
    note = signer.sign(checkpoint_text(head), head.origin, _epochs(signer, head))
    signer.state.keep_note(head.origin, note)
    return note


def require_possible(signer: Signer) -> None:
    """Begin, or complete a rotation; raise SignerError where signing could do harm."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "Sign outside a transaction: what is signed must have been committed."
        )
    if signer.state.history() is None and not Checkpoint.objects.exists():
        signer.begin()
    rollback.require_no_loss(signer)
    succession.finish(signer)


def _sign(signer: Signer, origin: str) -> str | None:
    """Return the stream's newest note, signed now if it grew; None if it has no entry."""
    found = standing.standing(origin)
    if found is None:
        return None
    last = signer.last(origin)
    _require_memory(found, last and last[0])
    if last and found.published and found.published.size == last[0].size:
        _require_same(found.published, *last)
    elif last:
        publish(signer, found.stream, *last)
    if found.has_waiting:
        found = _seal(origin)
    if last and last[0].size == found.size:
        return last[1]
    if not found.size:
        return None
    head = _extended(found, last and last[0])
    note = keep(signer, head)
    _publish(signer, found.stream, head, note, is_recorded=False)
    return note


def _publish(
    signer: Signer, stream: Stream, head: Head, note: str, *, is_recorded: bool
) -> None:
    """Record a project's note in the organisation's stream, unless it is; then publish it."""
    if head.origin != signer.org and not is_recorded:
        _record(head, parse_note(note.encode()).lines[0].key_id)
        _seal(signer.org)
    _require_same(_insert(stream, head, note), head, note)


def _seal(origin: str) -> Standing:
    """Link whatever waits in a stream that there is; return how it stands then."""
    found = standing.standing(origin)
    if found is not None and found.has_waiting:
        sealer.seal_now(found.stream.pk)
        found = standing.standing(origin)
    if found is None:
        raise NothingToSignError(origin)
    return found


def _require_memory(found: Standing, last: Head | None) -> None:
    """Raise StateError where the database knows a later checkpoint than the signer."""
    if found.published and found.published.size > (last.size if last else 0):
        raise StateError(
            f"The signer remembers less of {found.stream.origin} than the database: its folder"
            " was lost or set back. Restore it, or have the database's checkpoints checked and"
            " taken over with manage.py adopt_signer_state."
        )


def _require_same(found: Published | None, head: Head, note: str) -> None:
    """Raise StateError where the database holds another checkpoint than what was signed."""
    if found != Published(head.size, head.root, note):
        raise StateError(
            f"The database holds another checkpoint of {head.origin} at {head.size:,} entries"
            " than the one that was signed; find out who wrote it."
        )


def _extended(found: Standing, last: Head | None) -> Head:
    """Bring the tiles up to the stream; return its head, which begins with `last`.

    Raises RolledBackError, after an alarm, where the tree does not begin with that of `last`.
    """
    stream, size = found.stream, found.size
    root, proof = tiles.extended(stream, size, last and last.size)
    if last and not verify_consistency(last.size, size, last.root, root, proof):
        contradictions = [Contradiction(last, size, tiles.root_at(stream, last.size))]
        rollback.alarm(contradictions)
        raise RolledBackError(contradictions)
    return Head(stream.origin, size, root)


def _epochs(signer: Signer, head: Head) -> list[Epoch]:
    """Return whose keys sign, newest first.

    The first organisation note after a rotation carries the key before it too.
    """
    history: KeyHistory = signer.history()
    last = signer.last(head.origin) if head.origin == signer.org else None
    if last is None:
        return [history.newest]
    since = last[0].size
    new = [e for e in history.epochs if e.rotated_seq is not None and e.rotated_seq >= since]
    first = (new[0] if new else history.newest).number
    return list(reversed(history.epochs[max(first - bool(new), 0) :]))


def _is_recorded(head: Head) -> bool:
    said = f'"size":{head.size}}}'.encode()  # the payload's last key
    return standing.is_said(CheckpointSigned.name, StreamSubject(head.origin).ledger_ref, said)


@transaction.atomic(durable=True)
def _record(head: Head, key_id: bytes) -> None:
    event = CheckpointSigned(
        origin=head.origin, size=head.size, root=head.root.hex(), key_id=key_id.hex()
    )
    chain.append(event, actor=ACTOR, subject=f"ledger.stream:{head.origin}", reason=None)


def _insert(stream: Stream, head: Head, note: str) -> Published | None:
    """Publish `note` unless there is a checkpoint of that size; return what there is now."""
    with transaction.atomic(using="seal"), connections["seal"].cursor() as cursor:
        cursor.execute(f"{_UNFLUSHED}; {_INSERT}", [stream.pk, head.size, head.root, note])
        row = cursor.fetchone()
    return (
        standing.published(stream, head.size)
        if row is None
        else Published(row[0], bytes(row[1]), row[2])
    )
