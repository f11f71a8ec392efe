"""What a verification finds: two verdicts for each stream, and the apps' tables beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ledger.reconcile import Reconciliation
    from ledger.segments import Fault

# Findings that say something is missing; those of the second set say it was altered as well.
COMPLETENESS_ONLY = frozenset({"L205", "L406", "L407", "L408", "L409"})
COMPLETENESS_TOO = frozenset({"L202", "L405"})


@dataclass
class StreamVerdict:
    """What was found of one stream; `root` is base64 of the tree's root at `size`.

    `vouched` tells whether its newest checkpoint is signed by a trusted key and holds.
    """

    origin: str
    size: int = 0
    root: str | None = None
    faults: list[Fault] = field(default_factory=list)
    vouched: bool = False

    @property
    def codes(self) -> set[str]:
        """The codes of what is wrong; notes are not among them."""
        return {fault.code for fault in self.faults if fault.code.startswith("L")}

    @property
    def integrity(self) -> str:
        return "failed" if self.codes - COMPLETENESS_ONLY else "ok"

    @property
    def completeness(self) -> str:
        if self.codes & (COMPLETENESS_ONLY | COMPLETENESS_TOO):
            return "failed"
        return "ok" if self.vouched else "unknown"

    @property
    def first_bad_seq(self) -> int | None:
        numbers = [f.seq for f in self.faults if f.code.startswith("L") and f.seq is not None]
        return min(numbers, default=None)

    def as_json(self) -> dict[str, Any]:
        return {
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "integrity": self.integrity,
            "completeness": self.completeness,
            "first_bad_seq": self.first_bad_seq,
            "findings": [fault._asdict() for fault in self.faults],
        }


@dataclass
class Verification:
    """The verdicts over the streams in scope, and the reconciliation of the apps' tables."""

    streams: list[StreamVerdict]
    reconciliation: Reconciliation
    seconds: float

    @property
    def status(self) -> str:
        """Return failed if anything is wrong, else unknown if nobody vouches for a stream."""
        verdicts = {v for s in self.streams for v in (s.integrity, s.completeness)}
        if "failed" in verdicts or not self.reconciliation.agrees:
            return "failed"
        return "unknown" if "unknown" in verdicts else "ok"

    @property
    def good(self) -> bool:
        return self.status == "ok"


def as_json(verification: Verification) -> dict[str, Any]:
    """Return what `verify_ledger --json` prints."""
    return {
        "streams": [stream.as_json() for stream in verification.streams],
        "reconciliation": verification.reconciliation.counts(),
        "reconciliation_findings": [
            {
                "table": found.table,
                "ref": found.ref,
                "kind": found.kind,
                "origin": found.origin,
                "seq": found.seq,
                "message": found.message,
            }
            for found in verification.reconciliation.listed
        ],
        "seconds": round(verification.seconds, 3),
    }
