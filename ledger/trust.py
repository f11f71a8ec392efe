"""Which keys a verification believes, and which of them was in force where.

The site's own verification trusts the keys that its signer keeps outside the database.  An
outsider brings keys: trust then passes along the successions, in both directions
(docs/keys.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from ledger.references import ORGANISATION, origin_of
from ledger.signer_state import Epoch, SignerState
from ledger.verifier.notes import NoteError, VKey, parse_note, parse_succession, signers

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True)
class Trust:
    """The epochs whose keys are believed, oldest first, out of all that the site had."""

    epochs: tuple[Epoch, ...] = ()
    believed: frozenset[bytes] = frozenset()
    single: tuple[VKey, ...] = ()  # for one stream each, the organisation's not among them

    def __bool__(self) -> bool:
        return bool(self.believed or self.single)

    def vkeys(self, origin: str) -> list[VKey]:
        """Return every believed key as the verifier key of the stream `origin`."""
        site = [VKey.for_origin(origin, public) for public in sorted(self.believed)]
        return site + [key for key in self.single if key.name == origin]

    def in_force(self, size: int) -> bytes | None:
        """Return the public key in force at `size` entries of the organisation's stream."""
        known = [e for e in self.epochs if e.rotated_seq is None or e.rotated_seq < size]
        return known[-1].public if known else None

    def rotations(self) -> dict[int, Epoch]:
        """Return the epochs after the first by the organisation entry that began each."""
        return {e.rotated_seq: e for e in self.epochs if e.rotated_seq is not None}


def of_the_signer() -> Trust:
    """Return the trust in the keys of this site's signer; none before it has any.

    Raises SignerError where the signer's folder cannot be believed.
    """
    history = _state().history()
    if history is None:
        return Trust()
    return Trust(history.epochs, frozenset(epoch.public for epoch in history.epochs))


def of_keys(keys: Collection[VKey]) -> Trust:
    """Return the trust in `keys`, and in what they handed on or came from."""
    state, history = _state(), _state().history()
    epochs = history.epochs if history else ()
    org = state.org
    believed = {key.public for key in keys if key.name == org}
    known = {epoch.number for epoch in epochs if epoch.public in believed}
    for step in (1, -1):
        ordered = epochs if step == 1 else tuple(reversed(epochs))
        for epoch in ordered:
            neighbour = epoch.number - step
            if neighbour in known and _handed_on(state, max(epoch.number, neighbour)):
                known.add(epoch.number)
    believed |= {epoch.public for epoch in epochs if epoch.number in known}
    return Trust(epochs, frozenset(believed), tuple(key for key in keys if key.name != org))


def _handed_on(state: SignerState, epoch: int) -> bool:
    """Tell whether the key before `epoch` and the one of `epoch` both signed the succession."""
    written, history = state.succession(epoch), state.history()
    if written is None or history is None:
        return False
    try:
        note = parse_note(written.encode())
        said = parse_succession(note)
        old, new = (
            VKey.for_origin(state.org, history.epochs[number].public)
            for number in (epoch - 1, epoch)
        )
        signed = signers(note, [old, new])
    except NoteError:
        return False
    return (said.org, said.epoch, said.old, said.new) == (state.org, epoch, old, new) and {
        old,
        new,
    } == set(signed)


def _state() -> SignerState:
    return SignerState(settings.SIGNER_DIR, origin_of(settings.LEDGER_SITE, ORGANISATION))
