"""A signer that lost its memory takes over what the database says it signed last.

Nothing shows that the database was not set back at the same time, so it is an act of its own,
with a reason, on record; whoever orders it compares the heads with those that left the site.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from django.db import transaction

from ledger import chain, checkpoints, succession
from ledger.events import AdoptedHead, SignerStateAdopted
from ledger.merkle import Tree
from ledger.models import Checkpoint, Entry, Stream
from ledger.notes import Signer
from ledger.signer_state import Epoch, KeyHistory, StateError
from ledger.signing_keys import KeyGoneError
from ledger.verifier.notes import Checkpoint as Head
from ledger.verifier.notes import NoteError, VKey

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTOR = "system:adopt_signer_state"


def adopt(*, reason: str) -> list[Head]:
    """Check the newest checkpoint of each stream against its entries; take it over.

    Return what was taken over, in the order of the streams.  Raises StateError where the
    database's checkpoints are not this site's, do not fit the entries or are older than what
    the signer remembers, and KeyGoneError without the key in force.
    """
    if not reason.strip():
        raise ValueError("Say how the signer's memory was lost: it goes on record.")
    signer = Signer.of_site()
    with signer.state.alone():
        if signer.state.history() is None:
            signer.state.keep_history(_keys(signer))
        _successions(signer)
        found = dict(_heads(signer))
        if not found:
            raise StateError("The signer remembers everything that the database knows.")
        _record(list(found), reason)
        for head, note in found.items():
            signer.state.keep_note(head.origin, note)
        checkpoints.require_possible(signer)
        checkpoints.everything(signer)
    return list(found)


def _keys(signer: Signer) -> KeyHistory:
    """Return the keys as the entries tell them, if the store holds the newest one."""
    rotations = list(succession.rotations(signer.org))
    try:
        told = [VKey.parse(str(record.payload["new_vkey"])) for record in rotations]
        old = [VKey.parse(str(record.payload["old_vkey"])) for record in rotations[:1]]
    except (KeyError, NoteError) as error:
        raise StateError("An entry about a rotated key has another form.") from error
    first = old[0].public if old else signer.keys.public(0)
    places = [record.sequence for record in rotations]
    later = [
        Epoch(n, key.public, place)
        for n, (key, place) in enumerate(zip(told, places, strict=True), 1)
    ]
    history = KeyHistory((Epoch(0, first, None), *later))
    newest = history.newest
    if signer.keys.public(newest.number) != newest.public:
        raise KeyGoneError(
            f"The store does not hold the key of epoch {newest.number} that the entries name."
        )
    return history


def _successions(signer: Signer) -> None:
    """Sign the succession notes that are missing again: the same bytes, if the key is there."""
    epochs = signer.history().epochs
    for old, new in pairwise(epochs):
        if signer.state.succession(new.number) is None and old.number in signer.keys.epochs():
            signer.state.keep_succession(new.number, succession.note(signer, old, new))


def _heads(signer: Signer) -> Iterator[tuple[Head, str]]:
    """Yield, checked, the newest checkpoints that the signer does not remember."""
    for stream in Stream.objects.order_by("id"):
        row = checkpoints.newest(stream)
        last = signer.last(stream.origin)
        if row is None or (last and last[0].size >= row.size):
            continue
        yield _checked(signer, stream, row, last and last[0]), row.note


def _checked(signer: Signer, stream: Stream, row: Checkpoint, last: Head | None) -> Head:
    head = signer.own(row.note, stream.origin)
    wanted = {head.size: head.root} | ({last.size: last.root} if last else {})
    if (row.size, bytes(row.root)) != (head.size, head.root):
        raise StateError(f"A checkpoint of {stream.origin} is stored under another head.")
    if _roots(stream, set(wanted)) != wanted:
        raise StateError(
            f"The entries of {stream.origin} do not give the roots that were signed; nothing"
            " is taken over. Run verify_ledger."
        )
    return head


def _roots(stream: Stream, sizes: set[int]) -> dict[int, bytes]:
    """Compute the roots at these sizes from the entries' own hashes, past every tile."""
    tree, roots = Tree(), {}
    hashes = Entry.objects.filter(stream=stream, seq__lt=max(sizes)).order_by("seq")
    for entry in hashes.values_list("hash", flat=True).iterator():
        tree.add(bytes(entry))
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    return roots


@transaction.atomic(durable=True)
def _record(heads: list[Head], reason: str) -> None:
    event = SignerStateAdopted(
        heads=tuple(AdoptedHead(origin=h.origin, size=h.size, root=h.root.hex()) for h in heads)
    )
    chain.append(event, actor=ACTOR, subject="ledger.signer:site", reason=reason)
