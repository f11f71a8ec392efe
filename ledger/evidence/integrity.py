"""Sections 5 and 6: what was tried, and what the record shows about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.evidence.reading import Reading, second
from ledger.references import key_of

if TYPE_CHECKING:
    from ledger.registry import Record

VERIFIED = ("ledger.verified", "ledger.verification_failed")
LIMITS = (
    "The ledger proves what was recorded. That a person did what they attest is outside it.",
    "Times are those of the server's clock.",
)
NO_CHECKPOINT = (
    "No checkpoint is signed and no head is kept outside: whoever rewrites the whole database"
    " consistently, and every copy of its heads, leaves no trace here."
)
NO_VERIFICATION = "The record was not verified in the period."

Section = dict[str, Any]


def probes(reading: Reading) -> list[Section]:
    """Return the newest result of each thing tried; failures first, then by entry."""
    rows = [
        {
            "control": entry.payload["control"],
            "target": entry.payload["target"],
            "attempted": entry.payload["attempted"],
            "expected": entry.payload["expected"],
            "observed": entry.payload["observed"],
            "result": entry.payload["result"],
            "at": second(entry.at),
            "milliseconds": entry.payload["milliseconds"],
            "entry": reading.ref(entry),
        }
        for entry in reading.probes()
    ]
    return sorted(rows, key=lambda row: (row["result"] == "pass", row["result"]))


def section(reading: Reading) -> Section:
    """Return what the record shows about itself; null where nobody looked."""
    runs = reading.within(*VERIFIED)
    newest = runs[-1] if runs else None
    erased = reading.within("ledger.entry_erased")
    return {
        "verified": _verified(newest, reading),
        "streams": [_stream(origin, reading, newest) for origin in sorted(reading.sizes)],
        "checkpoint": None,
        "checkpoints": None,
        "keys": [],
        "anchors": [],
        "completeness": _completeness(reading),
        "self_test": _self_test(reading),
        "erasures": {"count": len(erased), "entries": [reading.ref(entry) for entry in erased]},
        "limits": [
            *([] if newest else [NO_VERIFICATION]),
            *([] if reading.ever("ledger.checkpoint_signed") else [NO_CHECKPOINT]),
            *LIMITS,
        ],
    }


def _verified(run: Record | None, reading: Reading) -> Section | None:
    if run is None:
        return None
    good = run.event == "ledger.verified"
    bad = [
        f"{reading.stream_names.get(s['origin'], key_of(s['origin']))}:{s['first_bad_seq']}"
        for s in run.payload["streams"]
        if s["first_bad_seq"] is not None
    ]
    return {
        "at": second(run.at),
        "entries": run.payload["entries"],
        "milliseconds": run.payload["milliseconds"],
        "result": "pass" if good and run.payload["entries"] else "fail",
        "first_bad": bad[0] if bad else None,
    }


def _stream(origin: str, reading: Reading, run: Record | None) -> Section:
    entries = [entry for entry in reading.entries if entry.stream == origin]
    judged = [s for s in run.payload["streams"] if s["origin"] == origin] if run else []
    verdicts = {s[what] for s in judged for what in ("integrity", "completeness")}
    result = "fail" if "failed" in verdicts else "pass" if verdicts == {"ok"} else "no_data"
    return {
        "stream": reading.stream_names[origin],
        "entries": reading.sizes[origin],
        "first": second(entries[0].sealed_at),
        "last": second(entries[-1].sealed_at),
        "head": entries[-1].hash,
        "result": result,
    }


def _completeness(reading: Reading) -> list[Section]:
    """Return the tables that were compared with their entries, both ways."""
    return [
        {"rows_of": entry.payload["target"], "explained": ""} | entry.payload["details"]
        for entry in reading.probes()
        if entry.payload["control"] == "ledger_completeness" and entry.payload["details"]
    ]


def _self_test(reading: Reading) -> list[Section]:
    """Return the faults that were planted in a copy, and whether the verifier named them."""
    return [
        {"fault": entry.payload["attempted"]} | entry.payload["details"]
        for entry in reading.probes()
        if entry.payload["control"] == "tamper_canary" and entry.payload["details"]
    ]
