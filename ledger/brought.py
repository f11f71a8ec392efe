"""Heads from outside the database: what the signer remembers, and notes that somebody kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

from ledger.anchors.examination import examine_folder
from ledger.heads import Claim
from ledger.models import Stream
from ledger.segments import Fault
from ledger.signer_state import SignerState
from ledger.verifier.notes import parse_checkpoint, parse_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.anchors.examination import Examination
    from ledger.heads import Heads
    from ledger.verifier.trust import Trust

SIGNER = "the signer, which keeps its last note outside the database"
CALLER = "a checkpoint kept outside"
FOLDER = "a checkpoint in the folder of anchors"


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

    def take_folder(self, origin: str, found: Examination) -> None:
        """Take what the folder of anchors knows of a stream, and what is wrong with it."""
        faults = [Fault(None, "L402", sentence) for sentence in found.edited]
        if found.set_back:
            faults.append(Fault(None, "L409", found.set_back))
        if faults:
            self.faults.setdefault(origin, []).extend(faults)
        claims = [Claim(said.size, said.root, FOLDER) for said in found.newest]
        if claims:
            self.claims.setdefault(origin, []).extend(claims)


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
    for origin in Stream.objects.order_by("id").values_list("origin", flat=True):
        keys = [trust.vkey(origin, epoch) for epoch in trust.trusted(origin)]
        if keys:
            found.take_folder(origin, examine_folder(origin, keys))
    return found
