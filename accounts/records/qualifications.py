"""What qualifications must agree with in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ledger
from accounts.events.qualifications import (
    QualificationRecorded,
    QualificationVerified,
    QualificationWithdrawn,
)
from accounts.records.base import Row, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

QUALIFICATION_EVENTS = frozenset(
    {QualificationRecorded.name, QualificationVerified.name, QualificationWithdrawn.name}
)
KEPT = ("licence_hash", "years", "valid_from", "valid_to")


def qualification_rows() -> Iterator[Row]:
    """Yield every qualification."""
    from accounts.models import Qualification  # apps load before models

    rows = Qualification.objects.select_related("user", "recorded_by", "verified_by")
    for held in rows.iterator():
        facts: dict[str, object] = {
            "person": held.user.ledger_ref,
            "recorded_by": held.recorded_by.ledger_ref,
            "licence_hash": held.licence_hash or None,
            "years": held.years,
            "valid_from": held.valid_from.isoformat(),
            "valid_to": held.valid_to.isoformat() if held.valid_to else None,
            "verified_by": held.verified_by.ledger_ref if held.verified_by else None,
            "withdrawn": held.withdrawn_at is not None,
        }
        yield held.ledger_ref, digest(facts)


def replay_qualifications(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every qualification as it was recorded, verified and withdrawn."""
    facts: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if entry.event not in QUALIFICATION_EVENTS:
            continue
        said = entry.payload
        key = f"accounts.qualification:{said['qualification_id']}"
        if entry.event == QualificationRecorded.name:
            facts[key] = {name: said[name] for name in KEPT} | {
                "person": entry.subject,
                "recorded_by": entry.actor,
                "verified_by": None,
                "withdrawn": False,
            }
        elif entry.event == QualificationVerified.name:
            facts[key]["verified_by"] = entry.actor
        elif entry.event == QualificationWithdrawn.name:
            facts[key]["withdrawn"] = True
    return {key: digest(said) for key, said in facts.items()}


ledger.recorded(
    "accounts.qualification",
    rows=qualification_rows,
    replay=replay_qualifications,
    events=QUALIFICATION_EVENTS,
)


def _withhold_method(_subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold how it was checked, when the entry that says so is erased."""
    from accounts.models import Qualification

    found = Qualification.objects.filter(pk=payload["qualification_id"])
    found.update(method="withheld")


ledger.erasable(QualificationVerified.name, scrub=_withhold_method)
