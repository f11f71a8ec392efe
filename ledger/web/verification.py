"""The newest verification as a page shows it: progress, two verdicts, what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger import checkpoints, history, runs
from ledger.models import Checkpoint, Stream, VerificationRun
from ledger.references import key_of
from ledger.registry import name_of

MAX_SHOWN = 50
VERDICTS = {
    "ok": ("evidenced", "Integrity: nothing altered", "Completeness: nothing missing"),
    "failed": (
        "failed",
        "Integrity: something was altered",
        "Completeness: entries are missing",
    ),
    "unknown": (
        "partly",
        "Integrity: not judged",
        "Completeness: unknown, no trusted checkpoint",
    ),
}


@dataclass(frozen=True)
class Panel:
    """What there is to say about verifying one stream.

    `run` is the one whose result is shown, `latest` the one that began last: it may go on
    still, or have been broken off.  `starters` names whoever began them.
    """

    stream: Stream
    head: tuple[int, datetime] | None
    run: VerificationRun | None
    latest: VerificationRun | None
    starters: dict[str, str]
    verdict: dict[str, Any]
    faults: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    rows_elsewhere: int
    checkpoint: Checkpoint | None

    @property
    def running(self) -> bool:
        """Whether one runs; one that fell silent does not."""
        return self.latest is not None and runs.is_alive(self.latest)

    @property
    def broken_off(self) -> bool:
        """Whether the one that began last ended without a result."""
        return self.latest is not None and self.latest != self.run and not self.running

    @property
    def comparing(self) -> bool:
        """Whether every entry is recomputed, and the rules and the tables come next."""
        return self.latest is not None and 0 < self.latest.total <= self.latest.checked

    @property
    def starter(self) -> str:
        return self.starters[self.run.started_by] if self.run else ""

    @property
    def latest_starter(self) -> str:
        return self.starters[self.latest.started_by] if self.latest else ""

    @property
    def verdicts(self) -> list[tuple[str, str]]:
        """Shape and words of integrity, completeness and, for the tables, rows."""
        if not self.verdict:
            return []
        integrity, completeness = self.verdict["integrity"], self.verdict["completeness"]
        lines = [
            (VERDICTS[integrity][0], VERDICTS[integrity][1]),
            (VERDICTS[completeness][0], VERDICTS[completeness][2]),
        ]
        wrong = len(self.rows) + self.rows_elsewhere
        lines.append(
            ("failed", f"Tables: {wrong:,} rows disagree with the record")
            if wrong
            else ("evidenced", "Tables: every row agrees with the record")
        )
        return lines

    @property
    def since(self) -> int:
        """How many entries came after the verification."""
        if not self.head or not self.verdict:
            return 0
        return max(0, self.head[0] + 1 - int(self.verdict["size"]))

    @property
    def since_words(self) -> str:
        return f"{self.since:,} {'entry' if self.since == 1 else 'entries'} since"

    @property
    def bad_seqs(self) -> frozenset[int]:
        """The positions at fault in this stream, altered entries and rows alike."""
        here = [row for row in self.rows if row["origin"] == self.stream.origin]
        numbers = [fault["seq"] for fault in (*self.faults, *here)]
        return frozenset(number for number in numbers if number is not None)


def panel_of(stream: Stream, visible: Sequence[Stream]) -> Panel:
    """Return the panel of `stream` for somebody who may see the streams `visible`."""
    run, latest = runs.newest(stream.origin), runs.latest(stream.origin)
    verdict: dict[str, Any] = next(
        (
            v
            for v in (run.result.get("streams", []) if run else [])
            if v["origin"] == stream.origin
        ),
        {},
    )
    findings = verdict.get("findings", [])
    rows = run.result.get("reconciliation_findings", []) if run else []
    origins = {each.origin for each in visible}
    shown = [{**row, "key": key_of(row["origin"])} for row in rows if row["origin"] in origins]
    counted = sum(run.result.get("reconciliation", {}).values()) if run else 0
    return Panel(
        stream=stream,
        head=history.head_of(stream),
        run=run,
        latest=latest,
        starters=name_of({each.started_by for each in (run, latest) if each}),
        verdict=verdict,
        faults=[f for f in findings if f["code"].startswith("L")][:MAX_SHOWN],
        notes=[f for f in findings if f["code"].startswith("N")],
        rows=shown[:MAX_SHOWN],
        rows_elsewhere=counted - len(shown[:MAX_SHOWN]),
        checkpoint=checkpoints.newest(stream),
    )
