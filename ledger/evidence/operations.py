"""Sections 11 to 15: devices, running, decisions, questions, and what changed since."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ledger.evidence import clauses
from ledger.evidence.reading import Reading, second

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.registry import Record

Section = dict[str, Any]

CUSTODY = ("device.registered", "device.moved")
QUESTIONS = "buyer_questions"
HIPAA = "hipaa_security"


def records(reading: Reading) -> Section:
    """Return training, policies, agreements, places and devices, as far as recorded."""
    steps: dict[str, list[Record]] = defaultdict(list)
    for entry in reading.ever(*CUSTODY):
        steps[entry.subject].append(entry)
    gone = len({e.subject for e in reading.ever("device.disposed")})
    last = [taken[-1].payload for taken in steps.values()]
    held = sum(told["holder"] is not None for told in last)
    placed = sum(bool(_place(told)) for told in last)
    return {
        "training": [],
        "policies": [],
        "agreements": [],
        "facilities": [],
        "devices": {
            "registered": len(steps),
            "assigned": held,
            "in_store": sum(told["holder"] is None and bool(_place(told)) for told in last),
            "without_place": len(steps) - placed,
            "disposed": gone,
        }
        if steps
        else None,
        "custody": _custody(max(steps.values(), key=len), reading) if steps else None,
    }


def _place(told: dict[str, Any]) -> str:
    place: str = told.get("to_place") or told.get("place") or ""
    return place


def _custody(taken: Sequence[Record], reading: Reading) -> Section:
    """Return the device with the longest history: every place and holder it had."""
    steps = []
    for entry in taken:
        holder = entry.payload["holder"]
        care = f"in the care of {reading.name(holder)}" if holder else "in nobody's care"
        verb = "Registered at" if entry.event == "device.registered" else "Moved to"
        steps.append(
            {
                "at": second(entry.at),
                "who": reading.name(entry.actor),
                "what": f"{verb} {_place(entry.payload)}, {care}",
                "entry": reading.ref(entry),
                "hash": entry.hash,
            }
        )
    return {"title": taken[0].payload["asset_tag"], "result": "pass", "steps": steps}


def operations(reading: Reading) -> Section:
    """Return what is recorded about running the system."""
    drifts = reading.within("clock.drift_detected")
    return {
        "backups": [],
        "restores": [],
        "restore_note": "",
        "incidents": [],
        "releases": [],
        "clock": {
            "sources": None,
            "largest_offset_ms": None,
            "drift_events": len(drifts),
            "entries": reading.sample(drifts),
            "who_may_set": None,
        },
        "validation": None,
        "figure": None,
    }


def hipaa(regulation: Section) -> Section | None:
    """Return the addressable specifications and what was decided; null for other rules."""
    if regulation["key"] != HIPAA:
        return None
    return {
        "addressable": [
            {
                "clause": clause["id"],
                "title": clause["title"],
                "decision": "not decided",
                "by": None,
                "at": None,
                "status": clause["status"],
                "measure": "",
            }
            for clause in regulation["clauses"]
            if clause["kind"] == "addressable"
        ],
        "proposed": [],
        "proposed_basis": "Pending changes of the rule are printed with the clauses they"
        " concern, as proposed and not law.",
    }


def questions(regulation: Section) -> list[Section]:
    """Return the buyer's questions with their answers, where they are what was asked."""
    if regulation["key"] != QUESTIONS:
        return []
    return [
        {
            "id": clause["id"],
            "group": clause["part"],
            "title": clause["title"],
            "text": clause["text"],
            "status": clause["status"],
            "answer": _answer(clause),
            "clauses": [clause["id"]],
        }
        for clause in regulation["clauses"]
    ]


def _answer(clause: Section) -> str:
    passed = [item for item in clause["evidence"] if item["result"] == "pass"]
    held = f"{len(passed)} of {len(clause['evidence'])} pieces of evidence are on record."
    return f"{held} {clause['why']}".strip()


def previous(reading: Reading) -> Record | None:
    """Return the newest report on the same regulation and project that was made before."""
    head = reading.head.payload
    same = [
        entry
        for entry in reading.ever("report.generated")
        if entry.payload["catalogue"] == head["catalogue"]
        and entry.payload["project"] == head["project"]
    ]
    return same[-1] if same else None


def differences(reading: Reading, regulation: Section) -> Section | None:
    """Return what changed since the previous report; null where this is the first."""
    before = previous(reading)
    if before is None:
        return None
    then, now = before.payload["statuses"], clauses.statuses([regulation])
    reasons = {clause["id"]: clause["why"] for clause in regulation["clauses"]}
    requests = {e.payload["report_id"]: e for e in reading.ever("report.requested")}
    asked = requests.get(before.payload["report_id"])
    facts = [
        ("Entries of the organisation", before.payload["head"] + 1, reading.head.sequence + 1)
    ]
    changed = [
        {
            "clause": name,
            "before": then[name],
            "now": found,
            "because": reasons[name] or "Every item passed and is attested.",
        }
        for name, found in now.items()
        if name in then and then[name] != found
    ]
    return {
        "previous": report_id(reading, asked) if asked else before.payload["report_id"],
        "changed": changed,
        "facts": [
            {"what": what, "before": f"{old:,}", "now": f"{new:,}"} for what, old, new in facts
        ],
    }


def report_id(reading: Reading, request: Record) -> str:
    """Return what people call a report: its year and its number among all requests."""
    asked = [entry.sequence for entry in reading.ever("report.requested")]
    return f"ER-{request.at:%Y}-{asked.index(request.sequence) + 1:04}"
