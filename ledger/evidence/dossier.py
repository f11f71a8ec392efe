"""Section 10: how readings became a dataset, as far as the record says."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ledger.evidence.reading import Reading, second

if TYPE_CHECKING:
    from ledger.registry import Record

SHORT = 8
LEFT_OUT = ("import.rejected", "import.deduplicated")

Section = dict[str, Any]


def section(reading: Reading) -> Section:
    """Return the dossier; what the record does not know is null or an empty list."""
    accesses = reading.within("dataset.test_accessed")
    return {
        "snapshot": _snapshot(reading),
        "protocols": _protocols(reading),
        "readers": _readers(reading),
        "readers_note": "Specialty, qualification and training of readers are not recorded by"
        " this version; keep that evidence beside this report.",
        "agreement": None,
        "exclusions": _exclusions(reading),
        "subgroups": [],
        "splits": [],
        "test_accesses": {
            "count": len(accesses),
            "entries": reading.sample(accesses),
        }
        if accesses
        else None,
        "uncertainty": None,
    }


def _snapshot(reading: Reading) -> Section | None:
    frozen = reading.within("dataset.snapshot_frozen")
    if not frozen:
        return None
    newest = frozen[-1]
    told = newest.payload
    rehashed = [
        probe
        for probe in reading.probes()
        if probe.payload["control"] == "snapshot_rehash"
        and probe.payload["target"] == told["record_id"]
    ]
    return {
        "name": told["snapshot_id"][:SHORT],
        "purpose": None,
        "frozen_at": second(newest.at),
        "subjects": sum(counts["subjects"] for counts in told["split"].values()),
        "studies": None,
        "items": told["item_count"],
        "sha256": told["manifest_hash"],
        "rehash": rehashed[-1].payload["result"] if rehashed else "no_data",
        "rehash_at": second(rehashed[-1].at) if rehashed else None,
        "entry": reading.ref(newest),
    }


def _protocols(reading: Reading) -> list[Section]:
    by_record: dict[str, list[Record]] = defaultdict(list)
    for entry in reading.ever("protocol.published"):
        by_record[entry.stream].append(entry)
    rows = []
    for published in by_record.values():
        ends = [second(later.at) for _, later in pairwise(published)]
        for entry, end in zip(published, [*ends, None], strict=True):
            rows.append(
                {
                    "version": str(entry.payload["version"]),
                    "from": second(entry.at),
                    "to": end,
                    "sha256": entry.payload["content_hash"],
                    "change": entry.reason,
                    "entry": reading.ref(entry),
                }
            )
    return rows


def _readers(reading: Reading) -> list[Section]:
    """Return who submitted readings in the period, and how many."""
    reads: dict[str, list[Record]] = defaultdict(list)
    for entry in reading.within("workflow.transition"):
        if entry.payload["state"] == "submitted":
            reads[entry.actor].append(entry)
    return [
        {
            "reader": actor.partition(":")[2][:SHORT],
            "printed_name": reading.name(actor),
            "specialty": None,
            "years": None,
            "qualified_from": None,
            "trained_on": None,
            "reads": len(submitted),
            "unqualified_reads": None,
            "entry": reading.ref(submitted[-1]),
        }
        for actor, submitted in sorted(reads.items())
    ]


def _exclusions(reading: Reading) -> list[Section]:
    """Return the files left out at import, by reason, of all files that were sent."""
    sent = sum(entry.payload["files"] for entry in reading.within("upload.scanned"))
    left_out = reading.within(*LEFT_OUT)
    reasons = Counter(entry.payload["reason_code"] for entry in left_out)
    newest = {entry.payload["reason_code"]: entry for entry in left_out}
    return [
        {
            "reason": reason.replace("_", " "),
            "items": count,
            "of": max(sent, count),
            "decided_by": "the import's checks",
            "entry": reading.ref(newest[reason]),
        }
        for reason, count in sorted(reasons.items())
    ]
