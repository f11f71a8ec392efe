"""Heads from outside the database: what the signer remembers, and notes that somebody kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from ledger.heads import Claim
from ledger.segments import Fault
from ledger.signer_state import SignerState
from ledger.verifier.notes import parse_checkpoint, parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.heads import Heads
    from ledger.verifier.trust import Trust

SIGNER = "the signer, which keeps its last note outside the database"
CALLER = "a checkpoint kept outside"


@dataclass
class Brought:
    """Claims on streams, by origin, and what is wrong with the notes that make them."""

    claims: Heads = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    def add(self, content: bytes, source: str, trust: Trust) -> None:
        """Take a checkpoint; raise NoteError if it is none."""
        note = parse_note(content)
        said = parse_checkpoint(note)
        signed = trust.judge(note, said.origin, None)
        if signed.code:
            named = f"{source[0].upper()}{source[1:]}, {said.size:,} entries: {signed.message}"
            self.faults.setdefault(said.origin, []).append(Fault(None, signed.code, named))
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
    for kept in SignerState(settings.SIGNER_DIR, trust.org).notes():
        found.add(kept.encode(), SIGNER, trust)
    return found
