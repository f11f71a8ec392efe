"""What is found: a code, a sentence and, where an entry is at fault, its sequence number."""

from __future__ import annotations

from typing import NamedTuple

# Codes that say "something is missing"; all other L codes say "something was altered".
COMPLETENESS_ONLY = frozenset({"L205", "L406", "L407", "L408", "L409"})
COMPLETENESS_TOO = frozenset({"L202", "L405"})
MAX_LISTED = 50  # findings of one code; the rest is counted


class Finding(NamedTuple):
    """One thing that is wrong (L…) or worth knowing (N…); `seq` is the entry at fault."""

    seq: int | None
    code: str
    message: str


class Findings:
    """Collects findings in bounded memory; the verdicts count those that are not listed too."""

    def __init__(self) -> None:
        self.listed: list[Finding] = []
        self.first_bad_seq: int | None = None
        self._counts: dict[str, int] = {}

    def add(self, code: str, message: str, seq: int | None = None) -> None:
        """Take one finding."""
        self._counts[code] = self._counts.get(code, 0) + 1
        if self._counts[code] <= MAX_LISTED:
            self.listed.append(Finding(seq, code, message))
        if code.startswith("L") and seq is not None:
            known = self.first_bad_seq
            self.first_bad_seq = seq if known is None else min(seq, known)

    def extend(self, findings: list[Finding]) -> None:
        """Take findings that were collected elsewhere."""
        for seq, code, message in findings:
            self.add(code, message, seq)

    def codes(self) -> set[str]:
        """Return every code that was found."""
        return set(self._counts)

    def altered(self) -> bool:
        """Tell whether integrity failed."""
        return any(c.startswith("L") and c not in COMPLETENESS_ONLY for c in self._counts)

    def missing(self) -> bool:
        """Tell whether completeness failed."""
        return any(c in COMPLETENESS_ONLY or c in COMPLETENESS_TOO for c in self._counts)

    def all(self) -> list[Finding]:
        """Return the findings by sequence number; a note tells how many are not listed."""
        found = sorted(self.listed, key=lambda f: (f.seq is not None, f.seq or 0))
        for code in sorted(self._counts):
            more = self._counts[code] - MAX_LISTED
            if more > 0:
                found.append(Finding(None, "N909", f"{more:,} more of {code} are not listed."))
        return found
