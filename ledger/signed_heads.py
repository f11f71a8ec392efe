"""Judge a stream's signed checkpoints: their form, their signatures, and what they promise.

A checkpoint of a project's stream is recorded in the organisation's, so that one key and one
anchor cover all; what is recorded there is held against the entries like any other head.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ledger import scan
from ledger.envelope import MICROSECONDS
from ledger.events import CheckpointSigned
from ledger.heads import Claim
from ledger.models import Checkpoint, Entry
from ledger.segments import Fault
from ledger.verifier.notes import NoteError, VKey, parse_checkpoint, parse_note, signers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

    from ledger.models import Stream
    from ledger.trust import Trust

ROOT = re.compile(r"[0-9a-f]{64}")
TAIL_SECONDS = 120  # an unsigned tail younger than this is what a working signer leaves
NO_KEY = Fault(
    None, "N902", "No key is trusted here: nobody vouches that the newest entry is the last."
)


@dataclass
class SignedHeads:
    """What the checkpoints of one stream come to, once its roots are known."""

    stream: Stream
    trust: Trust
    organisation: str
    recorded: dict[int, tuple[int, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    vouched: bool = False  # the newest one is signed, trusted and gives the root

    def __post_init__(self) -> None:
        if self.stream.origin != self.organisation:
            self.recorded = dict(_recorded(self.stream.origin, self.organisation))

    def sizes(self) -> set[int]:
        """Return the sizes at which a root is promised."""
        return set(self._rows().values_list("size", flat=True)) | set(self.recorded)

    def claims(self) -> list[Claim]:
        """Return what the organisation's stream says of this one."""
        return [
            Claim(size, bytes.fromhex(root), f"entry #{seq:,} of the organisation")
            for size, (seq, root) in self.recorded.items()
        ]

    def judge(
        self, size: int, roots: Mapping[int, bytes], first_bad_seq: int | None
    ) -> list[Fault]:
        """Return what is wrong with them; `roots` by size, as far as they could be computed.

        A root that differs lies behind the largest size known to be good; where an entry at
        fault was found already, it is that one.
        """
        newest, good = 0, first_bad_seq or 0
        for row in self._rows().order_by("size").iterator(chunk_size=1000):
            newest = row.size
            before = len(self.faults)
            self._judge_row(row, roots, good)
            self.vouched = len(self.faults) == before and row.size in roots
            if self.vouched:
                good = max(good, row.size)
        self.vouched = self.vouched and bool(self.trust)
        if not self.trust:
            self.faults.append(NO_KEY)
        self.faults.extend(self._tail(newest, size))
        return self.faults

    def _rows(self) -> QuerySet[Checkpoint]:
        return Checkpoint.objects.filter(stream=self.stream)

    def _judge_row(self, row: Checkpoint, roots: Mapping[int, bytes], good: int) -> None:
        named = f"The checkpoint of {row.size:,} entries"
        try:
            note = parse_note(row.note.encode())
            said = parse_checkpoint(note)
        except NoteError as error:
            self._fault("L401", f"{named} is no signed note: {error}")
            return
        kept = (said.origin, said.size, said.root)
        if kept != (self.stream.origin, row.size, bytes(row.root)):
            self._fault("L403", f"{named} is the note of another stream, size or root.")
            return
        if self.trust:
            self._judge_signature(row, named)
        if row.size in roots and roots[row.size] != said.root:
            changed = f"{named} promises another root: an entry before it was changed."
            self.faults.append(Fault(good, "L404", changed))
        if self.stream.origin != self.organisation and row.size not in self.recorded:
            self._fault("L408", f"{named} is not recorded in the organisation's stream.")

    def _judge_signature(self, row: Checkpoint, named: str) -> None:
        note = parse_note(row.note.encode())
        try:
            signed = signers(note, self.trust.vkeys(self.stream.origin))
        except NoteError as error:
            self._fault("L402", f"{named} is refused: {error}")
            return
        if not signed:
            self._fault("L402", f"{named} bears no valid signature of a trusted key.")
            return
        self._judge_epoch(row, named, signed)

    def _judge_epoch(self, row: Checkpoint, named: str, signed: list[VKey]) -> None:
        """Hold the signatures to the key that was in force, and to the first after a change."""
        ours = self.stream.origin == self.organisation
        place = row.size if ours else self.recorded.get(row.size, (None, ""))[0]
        force = None if place is None else self.trust.in_force(place)
        publics = {key.public for key in signed}
        if force is not None and force not in publics:
            self._fault("L505", f"{named} is signed by a key that was not in force.")
        if not ours:
            return
        before = self._rows().filter(size__lt=row.size).order_by("-size")
        earlier = before.values_list("size", flat=True).first() or 0
        for rotated, epoch in self.trust.rotations().items():
            if earlier <= rotated < row.size:
                old = self.trust.in_force(rotated)
                if not {old, epoch.public} <= publics:
                    both = f"{named}, the first after a new key, is not signed by both keys."
                    self.faults.append(Fault(rotated, "L504", both))

    def _tail(self, newest: int, size: int) -> Iterator[Fault]:
        """Say what no checkpoint covers: a note while it is young, then a fault."""
        if newest > size:
            gone = f"A checkpoint of {newest:,} entries was signed; {size:,} are there."
            yield Fault(size, "L406", gone)
        oldest = Entry.objects.filter(stream=self.stream, seq=newest).first()
        if oldest is None:
            return
        unsigned = f"{size - newest:,} entries, from #{newest:,} on, have no checkpoint yet"
        if datetime.now(UTC) - _sealed(oldest) > timedelta(seconds=TAIL_SECONDS):
            yield Fault(None, "L407", f"{unsigned}; the signer is behind or stopped.")
        else:
            yield Fault(None, "N910", f"{unsigned}; the oldest is younger than two minutes.")

    def _fault(self, code: str, message: str) -> None:
        self.faults.append(Fault(None, code, message))


def _recorded(origin: str, organisation: str) -> Iterator[tuple[int, tuple[int, str]]]:
    """Yield size, place and root of each checkpoint of `origin` that the organisation has."""
    for record in scan.records({CheckpointSigned.name}, origin=organisation):
        said, size = record.payload, record.payload.get("size")
        if said.get("origin") != origin or record.sequence == scan.WAITING:
            continue
        if isinstance(size, int) and ROOT.fullmatch(str(said.get("root"))):
            yield size, (record.sequence, said["root"])


def _sealed(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.sealed_us / MICROSECONDS, UTC)
