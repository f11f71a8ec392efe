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
from ledger.envelope import sealing_time
from ledger.events import CheckpointSigned, KeyRotated
from ledger.heads import Claim
from ledger.models import Checkpoint, Entry
from ledger.segments import Fault
from ledger.verifier.checkpoints import judge_double_signatures
from ledger.verifier.findings import Findings
from ledger.verifier.notes import NoteError, parse_checkpoint, parse_note
from ledger.verifier.trust import Rotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

    from ledger.models import Stream
    from ledger.verifier.notes import Note
    from ledger.verifier.trust import Signed, Trust

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
    recorded: dict[int, tuple[int, str]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    vouched: bool = False  # the newest one is signed, trusted and gives the root

    def __post_init__(self) -> None:
        self.is_organisation = self.stream.origin == self.trust.org
        if not self.is_organisation:
            self.recorded = dict(_recorded(self.stream.origin, self.trust.org))

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
        newest, good, signed = 0, first_bad_seq or 0, {}
        firsts = self._first_after_rotations()
        for row in self._rows().order_by("size").iterator(chunk_size=1000):
            newest, before = row.size, len(self.faults)
            outcome = self._judge_row(row, roots, good)
            holds = len(self.faults) == before and row.size in roots
            self.vouched = holds and outcome is not None and outcome.trusted
            if holds:
                good = max(good, row.size)
            if outcome and row.size in firsts:
                signed[row.size] = outcome
        if self.is_organisation:
            self._judge_keys(signed)
        if not self.trust.given(self.stream.origin):
            self.faults.append(NO_KEY)
        self.faults.extend(self._tail(newest, size))
        return self.faults

    def _rows(self) -> QuerySet[Checkpoint]:
        return Checkpoint.objects.filter(stream=self.stream)

    def _judge_row(
        self, row: Checkpoint, roots: Mapping[int, bytes], good: int
    ) -> Signed | None:
        """Judge one; return what its signatures are worth, or None if it is no checkpoint."""
        named = f"The checkpoint of {row.size:,} entries"
        try:
            note = parse_note(row.note.encode())
            said = parse_checkpoint(note)
        except NoteError as error:
            self._fault("L401", f"{named} is no signed note: {error}")
            return None
        kept = (said.origin, said.size, said.root)
        if kept != (self.stream.origin, row.size, bytes(row.root)):
            self._fault("L403", f"{named} is the note of another stream, size or root.")
            return None
        signed = self._judge_signature(row, note, named)
        if row.size in roots and roots[row.size] != said.root:
            changed = f"{named} promises another root: an entry before it was changed."
            self.faults.append(Fault(good, "L404", changed))
        return signed

    def _judge_signature(self, row: Checkpoint, note: Note, named: str) -> Signed | None:
        """Hold the signatures to the key that was in force."""
        place = row.size
        if not self.is_organisation:
            if row.size not in self.recorded:
                self._fault("L408", f"{named} is not recorded in the organisation's stream.")
                return None
            place = self.recorded[row.size][0]
        expected = {self.trust.in_force(place)} if self.trust.epochs else None
        signed = self.trust.judge(note, self.stream.origin, expected)
        if signed.code:
            self._fault(signed.code, f"{named}: {signed.message}")
        return signed

    def _first_after_rotations(self) -> set[int]:
        """Return the sizes of the organisation's first checkpoints after a change of keys."""
        rotated = [e.rotated_seq for e in self.trust.epochs if e.rotated_seq is not None]
        after = (self._rows().filter(size__gt=seq).order_by("size") for seq in rotated)
        firsts = (rows.values_list("size", flat=True).first() for rows in after)
        return {size for size in firsts if size} if self.is_organisation else set()

    def _judge_keys(self, signed: Mapping[int, Signed]) -> None:
        """Compare the signer's keys with the rotations on record, and with who signed after."""
        findings = Findings()
        told = scan.records({KeyRotated.name}, origin=self.trust.org)
        self.trust.judge_rotations([Rotation(r.sequence, r.payload) for r in told], findings)
        if signed:
            judge_double_signatures(self.trust, signed, findings)
        self.faults.extend(Fault(*finding) for finding in findings.all())

    def _tail(self, newest: int, size: int) -> Iterator[Fault]:
        """Say what no checkpoint covers: a note while it is young, then a fault."""
        if newest > size:
            gone = f"A checkpoint of {newest:,} entries was signed; {size:,} are there."
            yield Fault(size, "L406", gone)
        oldest = Entry.objects.filter(stream=self.stream, seq=newest).first()
        if oldest is None:
            return
        left = size - newest
        what = "1 entry" if left == 1 else f"{left:,} entries"
        unsigned = f"No checkpoint covers {what} from #{newest:,} on yet"
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
    return sealing_time(entry.sealed_us)
