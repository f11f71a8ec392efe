"""Heads from outside the database: what the signer remembers, and notes that somebody kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from ledger.heads import Claim
from ledger.references import ORGANISATION, origin_of
from ledger.segments import Fault
from ledger.signer_state import SignerState
from ledger.verifier.notes import Checkpoint, NoteError, parse_checkpoint, parse_note, signers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.heads import Heads
    from ledger.trust import Trust

SIGNER = "the signer, which keeps its last note outside the database"
CALLER = "a checkpoint kept outside"


@dataclass
class Brought:
    """Claims on streams, by origin, and what is wrong with the notes that make them."""

    claims: Heads = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    def add(self, note: bytes, source: str, trust: Trust) -> None:
        """Take a checkpoint; raise NoteError if it is none."""
        read = parse_note(note)
        said = parse_checkpoint(read)
        complaint = _complaint(said, note, trust)
        if complaint:
            named = f"A checkpoint of {said.size:,} entries from {source} {complaint}"
            self.faults.setdefault(said.origin, []).append(Fault(None, "L402", named))
            return
        self.claims.setdefault(said.origin, []).append(Claim(said.size, said.root, source))


def collect(notes: Sequence[bytes], trust: Trust) -> Brought:
    """Return what the signer's folder and `notes` hold the record to.

    Raises NoteError for one of `notes` that is no checkpoint, and SignerError where the
    signer's folder cannot be believed.
    """
    found = Brought()
    for note in notes:
        found.add(note, CALLER, trust)
    state = SignerState(settings.SIGNER_DIR, origin_of(settings.LEDGER_SITE, ORGANISATION))
    for kept in state.notes():
        found.add(kept.encode(), SIGNER, trust)
    return found


def _complaint(said: Checkpoint, note: bytes, trust: Trust) -> str | None:
    """Say why a note does not count: nobody trusted has signed it."""
    try:
        signed = signers(parse_note(note), trust.vkeys(said.origin))
    except NoteError as error:
        return f"is refused: {error}"
    return None if signed else "bears no valid signature of a trusted key."
