"""A report as a page: what templates show, and the same as a file that stands alone."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ledger.hashing import sha256_hex
from ledger.references import key_of

STYLE = Path(__file__).parent / "standalone.css"
WORST_FIRST = ("failed", "missing", "partly", "attested_only", "evidenced", "not_applicable")
GAPS = ("failed", "missing", "partly")
FIRST = 5  # of each finding, that many gaps are shown without asking
# Status -> the shape it is drawn as, its word, and what it means.
STATUSES = {
    "failed": ("failed", "Failed", "A check ran and found a fault"),
    "missing": ("missing", "Missing", "Nothing on record"),
    "partly": ("partly", "Partly", "Some items, not all"),
    "attested_only": ("attested", "Attested only", "A named person says so"),
    "evidenced": ("evidenced", "Evidenced", "Entries or probes show it"),
    "not_applicable": ("na", "Not applicable", "Excluded, with reason"),
}
RESULTS = {
    "pass": ("evidenced", "Found"),
    "fail": ("failed", "Failed"),
    "error": ("failed", "Error"),
    "no_data": ("missing", "No data"),
    "not_applicable": ("na", "Not applicable"),
    "current": ("attested", "Attested"),
    "expired": ("partly", "Expired"),
    "missing": ("missing", "Not attested"),
}


def context_of(report_json: bytes) -> dict[str, Any]:
    """Return what the templates need to show a report given as its JSON bytes."""
    report = json.loads(report_json)
    keys = {place["stream"]: key_of(place["origin"]) for place in report["ledger"]["origins"]}
    regulation = report["regulations"][0]
    clauses = [_clause(clause, keys) for clause in regulation["clauses"]]
    by_status = {status: [c for c in clauses if c["status"] == status] for status in STATUSES}
    return {
        "data": report,
        "regulation": regulation,
        "clauses": clauses,
        "gap_count": sum(len(by_status[status]) for status in GAPS),
        "gaps": [_gap(status, by_status[status]) for status in GAPS if by_status[status]],
        "counts": [
            {
                "status": status,
                "shape": STATUSES[status][0],
                "word": STATUSES[status][1],
                "means": STATUSES[status][2],
                "number": regulation["counts"][status],
            }
            for status in WORST_FIRST
        ],
        "probe_faults": sum(p["result"] in {"fail", "error"} for p in report["probes"]),
        "probes": [
            probe
            | {"shape": RESULTS[probe["result"]][0], "word": RESULTS[probe["result"]][1]}
            | {"entry": _entry(probe["entry"], keys)}
            for probe in report["probes"]
        ],
        "head": _entry(
            f"{report['ledger']['head']['stream']}:{report['ledger']['head']['sequence']}", keys
        ),
        "report_sha256": sha256_hex(report_json),
    }


def _gap(status: str, clauses: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "status": status,
        "shape": STATUSES[status][0],
        "word": STATUSES[status][1],
        "count": len(clauses),
        "first": clauses[:FIRST],
        "others": clauses[FIRST:],
    }


def anchor(clause_id: str) -> str:
    """Return the place of a clause on the page of its report."""
    return "c-" + "".join(c if c.isalnum() else "-" for c in clause_id).strip("-")


def _clause(clause: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    passed = sum(item["result"] == "pass" for item in clause["evidence"])
    current = sum(row["state"] == "current" for row in clause["attestations"])
    return clause | {
        "anchor": anchor(clause["id"]),
        "shape": STATUSES[clause["status"]][0],
        "word": STATUSES[clause["status"]][1],
        "held": passed + current,
        "asked": len(clause["evidence"]) + len(clause["attestations"]),
        "evidence": [_item(item, keys) for item in clause["evidence"]],
        "attestations": [_attestation(row, keys) for row in clause["attestations"]],
    }


def _item(item: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    shape, word = RESULTS[item["result"]]
    kind = next(kind for kind in ("event", "control", "artifact") if kind in item)
    how = f"{item['mode'].capitalize()}" if kind == "control" else kind.capitalize()
    return item | {
        "name": item[kind],
        "how": how,
        "shape": shape,
        "word": word,
        "entries": [_entry(ref, keys) for ref in item["entries"]],
    }


def _attestation(row: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    shape, word = RESULTS[row["state"]]
    linked = {"entry": _entry(row["entry"], keys)} if "entry" in row else {}
    return row | {"shape": shape, "word": word} | linked


def _entry(ref: str, keys: dict[str, str]) -> dict[str, Any]:
    """Return an entry named "stream:number" as its stream's key, name and position."""
    stream, _, number = ref.rpartition(":")
    return {"key": keys.get(stream, stream), "seq": int(number), "stream": stream}


def standalone(report_json: bytes) -> str:
    """Return the report as one HTML file that loads nothing and runs nothing."""
    style = STYLE.read_text()
    # The policy names the one style sheet by its hash, so nothing else can be added to it.
    digest = b64encode(sha256(style.encode()).digest()).decode()
    context = context_of(report_json) | {
        "style": mark_safe(style),  # noqa: S308  our own file
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'",
    }
    page: SafeString = render_to_string("ledger/report_file.html", context)
    return str(page)
