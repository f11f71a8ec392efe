"""What the limits of sessions must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping

import ledger
from accounts.events.session_limits import SessionLimitsSet
from accounts.records.base import Row, digest


def limit_rows() -> Iterator[Row]:
    """Yield every setting of the limits."""
    from accounts.models import SessionLimits  # apps load before models

    for row in SessionLimits.objects.select_related("set_by").iterator():
        yield (
            row.ledger_ref,
            _limits(row.number, row.idle_seconds, row.absolute_seconds, row.set_by.ledger_ref),
        )


def replay_limits(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every setting as it was recorded."""
    found = {}
    for entry in entries:
        if entry.event == SessionLimitsSet.name:
            said = entry.payload
            found[entry.subject] = _limits(
                said["number"], said["idle_seconds"], said["absolute_seconds"], entry.actor
            )
    return found


def _limits(number: int, idle: int, absolute: int, by: str) -> str:
    return digest({"number": number, "idle": idle, "absolute": absolute, "by": by})


ledger.recorded(
    "accounts.session_limits",
    rows=limit_rows,
    replay=replay_limits,
    events=frozenset({SessionLimitsSet.name}),
)
