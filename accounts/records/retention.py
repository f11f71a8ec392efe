"""What periods, holds and erasure requests must agree with in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ledger
from accounts.events.retention import (
    ErasureApproved,
    ErasureCarriedOut,
    ErasureDeclined,
    ErasureRequested,
    LegalHoldLifted,
    LegalHoldLiftRequested,
    LegalHoldPlaced,
    RetentionPeriodSet,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Row = tuple[str, str]
STATES = {
    ErasureRequested.name: "requested",
    ErasureApproved.name: "approved",
    ErasureCarriedOut.name: "carried_out",
    ErasureDeclined.name: "declined",
}


def _digest(**facts: object) -> str:
    return ledger.sha256_hex(ledger.canonical(facts))


def periods_held() -> Iterator[Row]:
    """Yield every period that was chosen."""
    from accounts.models import RetentionPeriod  # apps load before models

    for row in RetentionPeriod.objects.iterator():
        yield row.ledger_ref, _digest(key=row.class_key, years=row.years)


def replay_periods(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every period as it was set last."""
    return {
        entry.subject: _digest(key=entry.payload["class_key"], years=entry.payload["years"])
        for entry in entries
    }


def holds_held() -> Iterator[Row]:
    """Yield every legal hold, standing or lifted."""
    from accounts.models import LegalHold

    for row in LegalHold.objects.select_related("lifted_by", "lift_asked_by").iterator():
        asked, lifted = row.lift_asked_by, row.lifted_by
        yield (
            row.ledger_ref,
            _hold(
                [row.covers, row.subject_ref, _text(row.first_day), _text(row.last_day)],
                asked.ledger_ref if asked else None,
                lifted.ledger_ref if lifted else None,
            ),
        )


def replay_holds(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every hold as placing, asking and lifting leave it."""
    covers: dict[str, list[str | None]] = {}
    asked: dict[str, str] = {}
    lifted: dict[str, str] = {}
    for entry in entries:
        said = entry.payload
        if entry.event == LegalHoldPlaced.name:
            covers[entry.subject] = [
                said["covers"], said["subject_ref"], said["first_day"], said["last_day"]
            ]  # fmt: skip
        elif entry.event == LegalHoldLiftRequested.name:
            asked[entry.subject] = entry.actor
        else:
            lifted[entry.subject] = said["lifted_by"]
    return {ref: _hold(scope, asked.get(ref), lifted.get(ref)) for ref, scope in covers.items()}


def _hold(scope: list[str | None], asked: str | None, lifted: str | None) -> str:
    return _digest(scope=scope, asked=asked, lifted=lifted)


def _text(day: object) -> str | None:
    return str(day) if day else None


def requests_held() -> Iterator[Row]:
    """Yield every request that was signed; what is only prepared binds nobody."""
    from accounts.models import ErasureRequest

    rows = ErasureRequest.objects.exclude(state=ErasureRequest.State.PREPARED)
    for row in rows.iterator():
        content = ledger.sha256_hex(row.content.encode())
        yield row.ledger_ref, _digest(content=content, stated=row.content_hash, state=row.state)


def replay_requests(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every request in the state that its newest entry says."""
    found = {}
    for entry in entries:
        sealed = entry.payload["content_hash"]
        found[entry.subject] = _digest(content=sealed, stated=sealed, state=STATES[entry.event])
    return found


ledger.recorded(
    "accounts.retention_period",
    rows=periods_held,
    replay=replay_periods,
    events=frozenset({RetentionPeriodSet.name}),
)
ledger.recorded(
    "accounts.legal_hold",
    rows=holds_held,
    replay=replay_holds,
    events=frozenset({LegalHoldPlaced.name, LegalHoldLiftRequested.name, LegalHoldLifted.name}),
)
ledger.recorded(
    "accounts.erasure_request",
    rows=requests_held,
    replay=replay_requests,
    events=frozenset(STATES),
)
