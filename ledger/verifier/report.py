"""The two verdicts for each stream, and how they are printed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ledger.verifier.findings import Findings

GOOD, FAILED, UNUSABLE, UNKNOWN = 0, 1, 2, 3


class StreamReport(NamedTuple):
    """What was found of a stream; `completeness` is None for a single file."""

    origin: str
    size: int
    root: bytes | None
    findings: Findings
    complete: bool  # its newest checkpoint is signed, trusted and right
    single: bool = False

    @property
    def integrity(self) -> str:
        return "failed" if self.findings.altered() else "ok"

    @property
    def completeness(self) -> str | None:
        if self.single:
            return None
        if self.findings.missing():
            return "failed"
        return "ok" if self.complete else "unknown"


class Report(NamedTuple):
    """What was found of a file; `bundle` is None for a single file."""

    bundle: Findings | None
    streams: list[StreamReport]

    def exit_code(self) -> int:
        """Return 0 if all is well, 1 if anything failed, 3 if anything is unknown."""
        every = [stream.findings for stream in self.streams]
        if self.bundle is not None:
            every.append(self.bundle)
        if any(found.altered() or found.missing() for found in every):
            return FAILED
        if all(stream.complete for stream in self.streams):
            return GOOD
        return UNKNOWN


def as_json(report: Report, seconds: float) -> dict[str, Any]:
    """Return what --json prints."""
    bundle = None
    if report.bundle is not None:
        integrity = "failed" if report.bundle.altered() else "ok"
        bundle = {"integrity": integrity, "findings": _listed(report.bundle)}
    return {
        "bundle": bundle,
        "streams": [
            {
                "origin": stream.origin,
                "size": stream.size,
                "root": base64.b64encode(stream.root).decode() if stream.root else None,
                "integrity": stream.integrity,
                "completeness": stream.completeness,
                "first_bad_seq": stream.findings.first_bad_seq,
                "findings": _listed(stream.findings),
            }
            for stream in report.streams
        ],
        "seconds": round(seconds, 3),
    }


def _listed(findings: Findings) -> list[dict[str, Any]]:
    return [finding._asdict() for finding in findings.all()]


def as_text(report: Report, seconds: float) -> str:
    """Return what is printed for a reader."""
    lines: list[str] = []
    if report.bundle is not None:
        lines = [f"Bundle: {_said(report.bundle)}", *_told(report.bundle)]
    for stream in report.streams:
        lines += ["", f"Stream {stream.origin}: {stream.size:,} entries"]
        lines.append(f"  integrity (nothing was altered): {stream.integrity}")
        if not stream.single:
            lines.append(f"  completeness (nothing is missing): {stream.completeness}")
        if stream.findings.first_bad_seq is not None:
            lines.append(f"  first entry at fault: {stream.findings.first_bad_seq}")
        lines += _told(stream.findings)
    outcome = {GOOD: "Everything checked is good.", FAILED: "Something FAILED: see above."}
    unknown = "Nothing failed, but not everything could be judged: bring the key you trust."
    lines += ["", outcome.get(report.exit_code(), unknown), f"{seconds:.1f} seconds"]
    return "\n".join(_printable(line) for line in lines) + "\n"


def _said(findings: Findings) -> str:
    return "failed" if findings.altered() else "ok"


def _told(findings: Findings) -> list[str]:
    return [
        f"  {code}{'' if seq is None else f' at entry {seq}'}: {message}"
        for seq, code, message in findings.all()
    ]


def _printable(line: str) -> str:
    # A name in a hostile bundle must not speak to the terminal.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
