"""What the benchmark records: one event with the whole of a small row, as a peer keeps it."""

import ledger


class FindingSaved(ledger.Event, name="finding.saved"):
    """A row of the benchmark was created or changed."""

    title: str
    label: str
    state: str
    frame: int
    note: str
