"""Build a report: a pure function of a catalogue and the entries up to the report's head."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ledger.evidence import clauses, closing, dossier, integrity, operations, people
from ledger.evidence.reading import Reading, second
from ledger.evidence.results import Results

if TYPE_CHECKING:
    from ledger.evidence.catalogue import Catalogue
    from ledger.registry import Record

SCHEMA = "evidence.report/1"

Section = dict[str, Any]


def build_report(catalogue: Catalogue, entries: Iterable[Record], head: Record) -> Section:
    """Return what the record holds up to `head` for each clause of `catalogue`.

    `head` is the `report.requested` entry.  Entries after it, or of streams that it does not
    name, change nothing; neither does a clock, a setting or a table.  The answer is valid
    against report.schema.json, and `as_bytes` of it is the same for the same head.
    """
    reading = Reading(entries, head)
    regulation = clauses.regulation(catalogue, reading, Results(reading, catalogue.vocabulary))
    return {
        "schema": SCHEMA,
        "report": _title(catalogue, reading),
        "organisation": {"name": head.stream.partition("/")[0], "place": None},
        "system": _system(head),
        "ledger": _ledger(reading),
        "scope": _scope(catalogue),
        "regulations": [regulation],
        "probes": integrity.probes(reading),
        "integrity": integrity.section(reading),
        "accounts": people.accounts(reading),
        "signatures": people.signatures(reading),
        "trail_review": people.trail_review(reading),
        "dossier": dossier.section(reading),
        "records": operations.records(reading),
        "operations": operations.operations(reading),
        "hipaa": operations.hipaa(regulation),
        "questions": operations.questions(regulation),
        "differences": operations.differences(reading, regulation),
        "traces": closing.traces(reading),
        "annex": closing.annex(sum(reading.sizes.values())),
        "signatories": [],
    }


def as_bytes(report: Section) -> bytes:
    """Return the report as JSON (sorted keys, no spaces), whose SHA-256 is the report hash."""
    text = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _title(catalogue: Catalogue, reading: Reading) -> Section:
    head = reading.head
    before = operations.previous(reading)
    asked = {e.payload["report_id"]: e for e in reading.ever("report.requested")}
    return {
        "id": operations.report_id(reading, head),
        "sample": False,
        "title": catalogue.name,
        "language": "en",
        "generated_at": reading.generated_at,
        "generated_by": {"name": reading.name(head.actor), "role": head.role or "not recorded"},
        "period": {"from": head.payload["period_from"], "to": head.payload["period_to"]},
        "previous": {
            "id": operations.report_id(reading, asked[before.payload["report_id"]]),
            "sha256": before.payload["report_sha256"],
            "generated_at": second(before.at),
            "head": f"org:{before.payload['head']}",
        }
        if before
        else None,
    }


def _system(head: Record) -> Section:
    told = head.payload["installation"]
    return {
        "name": told["name"],
        "version": told["version"],
        "commit": told["commit"] or None,
        "manifest_files": told["files"],
        "manifest_sha256": told["manifest_sha256"],
        "database": told["database"],
        "environment": told["environment"],
        "verifier_sha256": None,
    }


def _ledger(reading: Reading) -> Section:
    head = reading.head
    names = reading.stream_names
    return {
        "head": {
            "stream": names[head.stream],
            "sequence": head.sequence,
            "hash": head.hash,
        },
        "entries": sum(reading.sizes.values()),
        "streams": sorted(names.values()),
        "origins": [
            {"stream": names[origin], "origin": origin, "entries": size}
            for origin, size in sorted(reading.sizes.items())
        ],
    }


def _scope(catalogue: Catalogue) -> Section:
    return {
        "intended_use": None,
        "predicate_rules": [],
        "system_kind": None,
        "hipaa_role": None,
        "excluded": [],
        "not_assessed": [f"Regulations other than {catalogue.name}"],
    }
