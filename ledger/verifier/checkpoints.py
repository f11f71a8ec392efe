"""Checkpoints: form, place, signature and root, and that the organisation recorded them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.verifier.notes import (
    Checkpoint,
    Note,
    NoteError,
    VKey,
    cosigned_at,
    parse_checkpoint,
    parse_note,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.verifier.findings import Findings
    from ledger.verifier.heads import Heads
    from ledger.verifier.trust import Signed, Trust


class Stored(NamedTuple):
    """A checkpoint as it is stored: where it should belong, and what could be read of it."""

    place: int  # the size that its place says
    note: Note | None
    checkpoint: Checkpoint | None
    fault: str = ""


class Facts(NamedTuple):
    """What is known of a stream from its entries: how many, and the roots at some sizes."""

    origin: str
    size: int
    roots: Mapping[int, bytes]


def read_checkpoint(place: int, content: bytes) -> Stored:
    """Read a checkpoint; a bad form is kept as its fault."""
    try:
        note = parse_note(content)
        return Stored(place, note, parse_checkpoint(note))
    except NoteError as error:
        return Stored(place, None, None, str(error))


class RootJudge:
    """Compares known roots with the entries, in order of size, for one source of roots."""

    def __init__(self, facts: Facts, code: str, source: str) -> None:
        self.facts = facts
        self.code = code
        self.source = source
        self.good = 0  # largest size so far at which the root was right

    def judge(self, size: int, root: bytes, findings: Findings) -> bool:
        """Compare one root; sizes come in ascending order.  Tell whether it is right."""
        if size > self.facts.size:
            message = f"{self.source} has {size} entries; from here on they are missing."
            findings.add("L406", message, self.facts.size)
            return False
        if self.facts.roots.get(size) != root:
            message = f"{self.source} has another root at {size} entries."
            findings.add(self.code, message, self.good)
            return False
        self.good = size
        return True


class StreamCheckpoints:
    """Judges the checkpoints of one stream, the older ones first."""

    def __init__(self, facts: Facts, trust: Trust, heads: Heads, *, hidden: bool) -> None:
        self.facts = facts
        self.trust = trust
        self.heads = heads
        self.hidden = hidden  # bodies of the organisation's stream cannot be read
        self.signed: dict[int, Signed] = {}

    def judge(self, stored: Sequence[Stored], findings: Findings) -> bool:
        """Judge all; tell whether the last one, the newest, is signed, trusted and right."""
        roots = RootJudge(self.facts, "L404", "A checkpoint")
        good = [self._one(one, roots, findings) for one in stored]
        self._tail(stored, findings)
        return good[-1]

    def _one(self, one: Stored, roots: RootJudge, findings: Findings) -> bool:
        if one.note is None or one.checkpoint is None:
            findings.add("L401", f"The checkpoint {one.place}: {one.fault}")
            return False
        checkpoint = one.checkpoint
        if (checkpoint.origin, checkpoint.size) != (self.facts.origin, one.place):
            findings.add("L403", f"At {one.place} lies a checkpoint of another place.")
            if checkpoint.origin != self.facts.origin:
                return False
        signed = self._signature(one.note, checkpoint, findings)
        self.signed[checkpoint.size] = signed
        right = roots.judge(checkpoint.size, checkpoint.root, findings)
        return right and signed.trusted and checkpoint.size == self.facts.size

    def _signature(self, note: Note, checkpoint: Checkpoint, findings: Findings) -> Signed:
        signed = self.trust.judge(note, checkpoint.origin, self._expected(checkpoint, findings))
        if signed.code:
            message = f"The checkpoint of {checkpoint.size} entries: {signed.message}"
            findings.add(signed.code, message)
        return signed

    def _expected(self, checkpoint: Checkpoint, findings: Findings) -> set[int] | None:
        """Return the epochs of which one must have signed; None where nothing tells."""
        if checkpoint.origin == self.trust.org:
            return {self.trust.in_force(checkpoint.size)}
        recorded = {
            self.trust.in_force(head.seq)
            for head in self.heads.of(checkpoint.origin)
            if head.size == checkpoint.size  # both roots are compared with the entries
        }
        if not recorded and not self.hidden:
            message = f"The organisation did not record the checkpoint of {checkpoint.size}."
            findings.add("L408", message)
        return recorded or None

    def _tail(self, stored: Sequence[Stored], findings: Findings) -> None:
        newest = stored[-1].checkpoint
        if newest and newest.origin == self.facts.origin and newest.size < self.facts.size:
            message = f"No checkpoint covers the entries from {newest.size} on."
            findings.add("L407", message)


def judge_double_signatures(
    trust: Trust, signed: Mapping[int, Signed], findings: Findings
) -> None:
    """Check that the first checkpoint after each rotation has both signatures."""
    for epoch in range(1, len(trust.epochs)):
        rotated = trust.epochs[epoch].rotated_seq
        after = [size for size in signed if rotated is not None and size > rotated]
        if not after or not {epoch - 1, epoch} <= signed[min(after)].epochs:
            message = f"No checkpoint after the rotation to key {epoch} has both signatures."
            findings.add("L504", message, rotated)


def judge_heads(facts: Facts, trust: Trust, heads: Heads, findings: Findings) -> None:
    """Compare what the organisation recorded of a stream with the stream's entries."""
    roots = RootJudge(facts, "L405", "The organisation's record")
    for head in sorted(heads.of(facts.origin)):
        roots.judge(head.size, head.root, findings)
        if not trust.epochs:
            continue  # keys.json cannot be read, which is told
        key = trust.vkey(facts.origin, trust.in_force(head.seq))
        if head.key_id != key.key_id:
            message = f"Entry {head.seq} of the organisation names a key not in force there."
            findings.add("L505", message)


def judge_references(
    facts: Facts,
    trust: Trust,
    references: Iterable[tuple[Note, Checkpoint]],
    findings: Findings,
) -> None:
    """Compare checkpoints that the user kept with the stream's entries."""
    roots = RootJudge(facts, "L405", "The reference")
    for note, checkpoint in sorted(references, key=lambda found: found[1].size):
        signed = trust.judge(note, checkpoint.origin, None)
        if signed.code:
            findings.add(signed.code, f"The reference: {signed.message}")
            continue
        roots.judge(checkpoint.size, checkpoint.root, findings)


def judge_witnesses(note: Note | None, witnesses: Sequence[VKey], findings: Findings) -> None:
    """Check that one of the user's witnesses cosigned `note`, the newest checkpoint."""
    if not witnesses:
        return
    if note and any(
        cosigned_at(line, note.text, key) is not None
        for line in note.lines
        for key in witnesses
    ):
        return
    findings.add("L409", "None of the witnesses cosigned the newest checkpoint.")
