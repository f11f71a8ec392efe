"""A clock that stepped back: sealing times stand still meanwhile, and the record says why."""

import time

from django.db import transaction

from ledger import chain
from ledger.events import ClockDriftDetected
from ledger.models import Stream
from ledger.references import ORGANISATION

SUBJECT = f"ledger.stream:{ORGANISATION}"
QUIET_SECONDS = 60.0


class _Last:
    noted: float | None = None


def note_drift(stream: int, microseconds: int) -> None:
    """Record that the database's clock is behind the newest entry; at most once a minute."""
    now = time.monotonic()
    if _Last.noted is not None and now - _Last.noted < QUIET_SECONDS:
        return
    _Last.noted = now
    _record(Stream.objects.get(pk=stream).origin, microseconds)


@transaction.atomic
def _record(origin: str, microseconds: int) -> None:
    event = ClockDriftDetected(stream=origin, microseconds=microseconds)
    chain.append(event, actor="system:ledger", subject=SUBJECT, reason=None)
