"""What the page of a facility shows: attestations, networks, log and history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

import ledger
from accounts.events import facilities as said
from accounts.models import Facility, FacilityAttestation, NetworkRange

SHOWN = 8
SOON = timedelta(days=30)
SAYS = {
    said.FacilityRegistered.name: "Put on record",
    said.FacilityDescribed.name: "Description changed",
    said.FacilityAttested.name: "Attested",
    said.FacilityAccessRecorded.name: "Visit",
    said.FacilityMaintenanceRecorded.name: "Maintenance",
}


def sheets(facility: Facility) -> dict[str, Any]:
    """Return everything about `facility`, each fact with its entry."""
    entries = ledger.about(facility.ledger_ref)
    seqs = {
        key: entry.sequence
        for entry in entries
        for name in ("attestation_id", "log_id")
        if (key := entry.payload.get(name))
    }
    statements = _statements(facility, seqs)
    ranges = _ranges(facility)
    return {
        "statements": statements,
        "missing": sum(row["shape"] in {"missing", "failed"} for row in statements),
        "ranges": ranges,
        "positions": ledger.positions([row.ledger_ref for row in ranges]),
        "log": [
            {"line": line, "seq": seqs.get(str(line.pk))}
            for line in facility.log.select_related("accompanied_by")[:SHOWN]
        ],
        "steps": _steps(entries),
    }


def _statements(facility: Facility, seqs: dict[str, int]) -> list[dict[str, Any]]:
    """Return each statement with the attestation that holds longest, worst first."""
    today = timezone.now().date()
    longest: dict[str, FacilityAttestation] = {}
    for each in facility.attestations.select_related("attested_by").order_by("expires"):
        longest[each.statement] = each
    found = []
    for statement in FacilityAttestation.Statement:
        row = longest.get(statement)
        days = (row.expires - today).days if row else 0
        shape, word = _standing(row, days)
        found.append(
            {
                "statement": statement,
                "clause": FacilityAttestation.CLAUSES[statement],
                "row": row,
                "seq": seqs.get(str(row.pk)) if row else None,
                "shape": shape,
                "word": word,
            }
        )
    order = ("failed", "missing", "partly", "attested")
    return sorted(found, key=lambda each: order.index(str(each["shape"])))


def _standing(row: FacilityAttestation | None, days: int) -> tuple[str, str]:
    if row is None:
        return "missing", "Missing"
    if days < 0:
        return "failed", f"Lapsed {-days} {'day' if days == -1 else 'days'} ago"
    if days <= SOON.days:
        return "partly", f"{days} {'day' if days == 1 else 'days'} left"
    return "attested", "Attested"


def _ranges(facility: Facility) -> list[NetworkRange]:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    hidden = (NetworkRange.State.REMOVED, NetworkRange.State.DECLINED)
    seen = Count("sessions", filter=Q(sessions__login_at__gte=today))
    rows = facility.ranges.exclude(state__in=hidden).annotate(seen=seen)
    return list(rows.select_related("asked_by"))


def _steps(entries: list[ledger.Record]) -> list[dict[str, Any]]:
    """Return what the record says about the place itself, newest first."""
    newest = list(reversed(entries))[:SHOWN]
    names = ledger.name_of({entry.actor for entry in newest})
    return [
        {
            "what": SAYS.get(entry.event, entry.event),
            "who": f"by {names[entry.actor]}",
            "at": entry.at,
            "why": entry.reason,
            "seq": entry.sequence,
            "stream_key": "org",
            "kind": "sign" if entry.event == said.FacilityAttested.name else "",
        }
        for entry in newest
    ]
