"""What every control of this app is made of."""

from collections.abc import Iterable, Iterator

import ledger

Entries = Iterable[ledger.Record]
Findings = Iterator[ledger.Finding]


def finding(entry: ledger.Record, reason: str) -> ledger.Finding:
    """Return what a control found about one entry."""
    return ledger.Finding(entry.sequence, reason, entry.stream)
