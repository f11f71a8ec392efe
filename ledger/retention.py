"""How long records are kept: the class of each kind of entry, its minimum and whose rule it is.

The table is `retention.yaml` beside this file.  A longer period is the site's choice and is
handed in by whoever asks; nothing here shortens one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from django.db.models import Count, Min

from ledger.models import IndexedEntry

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

TABLE = Path(__file__).resolve().parent / "retention.yaml"
UNCLASSED = ""
TRIGGERS = {
    "entry": "from the time the entry was sealed",
    "project_closed": "from the end of the project",
}


@dataclass(frozen=True, kw_only=True)
class RetentionClass:
    """A kind of record that is kept alike: `years` at least, from the `trigger` on."""

    key: str
    title: str
    years: int
    trigger: str
    basis: str
    events: tuple[str, ...]

    @property
    def begins(self) -> str:
        """From when the years are counted, in words."""
        return TRIGGERS[self.trigger]

    def due(self, sealed_at: datetime, *, years: int | None = None) -> datetime | None:
        """Return when an entry may go at the earliest; None while its period has not begun."""
        if self.trigger != "entry":
            return None
        return years_after(sealed_at, self.years if years is None else years)


@dataclass(frozen=True, kw_only=True)
class Holding:
    """How many entries of a class a stream has, and when the first of them was made."""

    stream: str
    key: str
    entries: int
    first: datetime


@cache
def classes() -> dict[str, RetentionClass]:
    """Return every class of the table by its key, in the table's order."""
    rows = yaml.safe_load(TABLE.read_text())
    found = [RetentionClass(**{**row, "events": tuple(row["events"])}) for row in rows]
    return {each.key: each for each in found}


@cache
def _patterns() -> dict[str, RetentionClass]:
    return {pattern: each for each in classes().values() for pattern in each.events}


def class_of(event: str) -> RetentionClass:
    """Return the class that entries of this event belong to; LookupError if none does.

    The longest pattern that fits decides: "image.viewed" goes before "image.*".
    """
    patterns = _patterns()
    if event in patterns:
        return patterns[event]
    noun = event
    while "." in noun:
        noun = noun.rpartition(".")[0]
        if f"{noun}.*" in patterns:
            return patterns[f"{noun}.*"]
    raise LookupError(f"No retention class names the event {event}; add it to {TABLE.name}.")


def _key(event: str) -> str:
    try:
        return class_of(event).key
    except LookupError:
        return UNCLASSED  # shown as such: nobody decided how long it is kept


def years_after(moment: datetime, years: int) -> datetime:
    """Return the same moment `years` later; 29 February becomes 1 March."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)


def holdings(streams: Collection[str]) -> list[Holding]:
    """Count the entries of each class in the streams with these origins, by one query."""
    rows = (
        IndexedEntry.objects.filter(stream__origin__in=list(streams))
        .values_list("stream__origin", "event")
        .annotate(Count("pk"), Min("at"))
        .order_by()
    )
    found: dict[tuple[str, str], tuple[int, datetime]] = {}
    for origin, event, entries, first in rows:
        place = (origin, _key(event))
        before = found.get(place, (0, first))
        found[place] = (before[0] + entries, min(before[1], first))
    return [
        Holding(stream=origin, key=key, entries=entries, first=first)
        for (origin, key), (entries, first) in found.items()
    ]
