"""From one signing key to the next: an entry, a note signed by both, and nothing in between.

formats.md, "Rotation".  Whatever dies when, `finish` completes it before anything else is
signed; an entry that never was committed leaves the old key in force.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db import transaction

from ledger import chain, scan, sealer
from ledger.events import KeyCompromised, KeyRotated
from ledger.models import Stream
from ledger.signer_state import Epoch, KeyHistory
from ledger.verifier.notes import Succession, VKey, succession_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.notes import Signer
    from ledger.registry import Record

ACTOR = "system:signer"


def begin(signer: Signer, *, cause: str, compromised: bool) -> None:
    """Make the next key and put it on record; the caller is alone and calls `finish` next."""
    history = signer.history()
    number = history.newest.number + 1
    coming = Epoch(number, signer.keys.make(number), None)
    signer.state.keep_history(replace(history, coming=coming))
    _record(signer.org, history.newest, coming, cause=cause, compromised=compromised)


def finish(signer: Signer) -> KeyHistory:
    """Complete a rotation that was begun, if there is one; return the keys as they stand.

    The key is in force from the entry that says so.  Without such an entry the rotation was
    never committed; its key stays in the store for the next one.
    """
    history = signer.history()
    coming = history.coming
    if coming is None:
        return history
    place = _place(signer.org, coming)
    epochs = history.epochs
    if place is not None:
        old = history.newest
        signer.state.keep_succession(coming.number, note(signer, old, coming))
        epochs = (*epochs, replace(coming, rotated_seq=place))
    history = KeyHistory(epochs)
    signer.state.keep_history(history)
    return history


def restore(signer: Signer) -> None:
    """Put rotations whose entries a recovery gave up on record again, in their order."""
    history = signer.history()
    told = {record.payload.get("new_vkey") for record in rotations(signer.org)}
    for old, new in pairwise(history.epochs):
        if str(VKey.for_origin(signer.org, new.public)) in told:
            continue
        cause = "Its entry was lost with the database; the key is the same."
        _record(signer.org, old, new, cause=cause, compromised=False)
        epochs = list(signer.history().epochs)
        epochs[new.number] = replace(new, rotated_seq=_place(signer.org, new))
        signer.state.keep_history(KeyHistory(tuple(epochs)))


def note(signer: Signer, old: Epoch, new: Epoch) -> str:
    """Return the note by which `old` hands on to `new`, signed by both."""
    org = signer.org
    text = succession_text(
        Succession(
            org,
            new.number,
            VKey.for_origin(org, old.public),
            VKey.for_origin(org, new.public),
        )
    )
    return signer.sign(text, org, [old, new])


def rotations(org: str) -> Iterator[Record]:
    """Yield every linked `key.rotated` of the organisation's stream, oldest first."""
    found = scan.records({KeyRotated.name}, origin=org)
    return (record for record in found if record.sequence != scan.WAITING)


def _place(org: str, coming: Epoch) -> int | None:
    """Return the position of the entry that brings `coming` into force, if it was committed."""
    stream = Stream.objects.filter(origin=org).first()
    if stream is not None:
        sealer.seal_now(stream.pk)
    told = str(VKey.for_origin(org, coming.public))
    for record in rotations(org):
        if record.payload.get("new_vkey") == told:
            return record.sequence
    return None


@transaction.atomic(durable=True)
def _record(org: str, old: Epoch, new: Epoch, *, cause: str, compromised: bool) -> None:
    old_vkey, new_vkey = (str(VKey.for_origin(org, epoch.public)) for epoch in (old, new))
    if compromised:
        lost = KeyCompromised(epoch=old.number, vkey=old_vkey, cause=cause)
        chain.append(lost, actor=ACTOR, subject=f"ledger.key:{old.number}", reason=cause)
    rotated = KeyRotated(epoch=new.number, old_vkey=old_vkey, new_vkey=new_vkey, cause=cause)
    chain.append(rotated, actor=ACTOR, subject=f"ledger.key:{new.number}", reason=None)
