"""What the record can be asked about itself; these look at entries and at nothing else."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ledger.registry import Finding, Record, control

AHEAD = timedelta(minutes=5)
BEHIND = timedelta(hours=24)
# What names a person in an image header or gives a secret away; the record needs none of it.
FORBIDDEN_KEYS = re.compile(
    r'"(patient_?(name|id|birth_?date|address)|birth_?date|accession_?number|mrn|ssn'
    r'|password|secret|cookie|csrf\w*)":',
    re.IGNORECASE,
)
FORBIDDEN_TEXT = re.compile(
    r'"[^"]*\^[^"]*"'  # PS3.5 §6.2.1.1: the caret parts a person's name
    r"|\b\d{3}-\d{2}-\d{4}\b"  # a United States social security number
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
ABOUT_PATIENTS = (
    "image.ingested",
    "image.quarantined",
    "import.rejected",
    "quarantine.decided",
    "annotation.created",
    "annotation.modified",
    "annotation.retired",
    "dataset.snapshot_frozen",
    "dataset.exported",
)


@control(
    "clock_sync", title="Times come from one clock, in order", judges={"clock.offset_measured"}
)
def clock_sync(entries: Iterable[Record]) -> Iterator[Finding]:
    """Sealing never goes back in time, and acts were sealed when they happened (11.10(e))."""
    newest: dict[str, datetime] = {}
    for entry in entries:
        before = newest.get(entry.stream)
        if before is not None and entry.sealed_at < before:
            yield Finding(
                entry.sequence, "was sealed before the entry in front of it", entry.stream
            )
        newest[entry.stream] = entry.sealed_at
        if not entry.sealed_at - BEHIND <= entry.at <= entry.sealed_at + AHEAD:
            yield Finding(
                entry.sequence, "says another time than that of its sealing", entry.stream
            )


@control(
    "phi_minimised_ledger",
    title="The record names no patient",
    judges=frozenset(ABOUT_PATIENTS),
)
def phi_minimised_ledger(entries: Iterable[Record]) -> Iterator[Finding]:
    """No payload carries a header field that names a person, such a value, or a secret."""
    for entry in entries:
        written = json.dumps(entry.payload, ensure_ascii=False)
        if FORBIDDEN_KEYS.search(written) or FORBIDDEN_TEXT.search(written):
            yield Finding(
                entry.sequence, "holds what looks like an identifier or a secret", entry.stream
            )
