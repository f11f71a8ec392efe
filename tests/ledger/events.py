"""Event types that only the tests of the record declare."""

from dataclasses import dataclass

from django.db import transaction

import ledger
from ledger.chain import Receipt


class ThingHappened(ledger.Event, name="thing.happened"):
    """Something happened, for a test."""

    number: int = 1
    text: str = "as it was"


@dataclass(frozen=True)
class Thing:
    """Something an entry can be about."""

    ledger_ref: str = "tests.thing:1"
    ledger_stream: str | None = None


ACTOR = "system:tests"


@transaction.atomic
def happen(
    thing: Thing | str = "tests.thing:1",
    *,
    actor: str = ACTOR,
    number: int = 1,
    reason: str | None = None,
) -> Receipt:
    """Append one entry in a transaction of its own."""
    return ledger.append(
        ThingHappened(number=number), actor=actor, subject=thing, reason=reason
    )
