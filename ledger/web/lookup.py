"""Entries of a stream found by what they say, with work that does not grow with the stream.

A value that occurs rarely is gathered: its matches are looked up, put in order and counted.
Where every value that was asked for is frequent, the stream is walked instead, over so many
entries at a time; then the page says how far it looked, and goes on from there.  Nothing here
reads a whole table.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.models import Stream

GATHERED = 20_000  # matches that are gathered at most
WALKED = 50_000  # entries that one look passes over
_LAST = "\U0010ffff"  # sorts behind whatever continues a text

_VALUES = """
WITH RECURSIVE value (v) AS (
    (SELECT {name} FROM ledger_indexedentry WHERE stream_id = %(stream)s
        AND {name} IS NOT NULL ORDER BY {name} LIMIT 1)
    UNION ALL
    SELECT (SELECT {name} FROM ledger_indexedentry WHERE stream_id = %(stream)s
        AND {name} > v ORDER BY {name} LIMIT 1) FROM value WHERE v IS NOT NULL
)
SELECT v FROM value WHERE v IS NOT NULL LIMIT %(most)s
"""
_KINDS = """
WITH RECURSIVE kind (k) AS (
    (SELECT split_part(subject, ':', 1) FROM ledger_indexedentry
        ORDER BY subject USING ~<~ LIMIT 1)
    UNION ALL
    SELECT (SELECT split_part(subject, ':', 1) FROM ledger_indexedentry
        WHERE subject ~>=~ (k || ';') ORDER BY subject USING ~<~ LIMIT 1)
    FROM kind WHERE k IS NOT NULL
)
SELECT k FROM kind WHERE k IS NOT NULL LIMIT 500
"""  # ";" follows ":"
# Times never decrease along a stream, which verification sees to: so halves are enough.
_AT = """
WITH RECURSIVE half (lo, hi) AS (
    SELECT 0::bigint, %(size)s::bigint
    UNION ALL
    SELECT CASE WHEN early THEN (lo + hi) / 2 + 1 ELSE lo END,
        CASE WHEN early THEN hi ELSE (lo + hi) / 2 END
    FROM half CROSS JOIN LATERAL (SELECT coalesce((SELECT sealed_us < %(time)s
        FROM ledger.entry WHERE stream = %(stream)s AND seq >= (lo + hi) / 2
        ORDER BY seq LIMIT 1), false) AS early) AS middle
    WHERE lo < hi
)
SELECT lo FROM half WHERE lo >= hi
"""
_IS = (
    "(SELECT * FROM ledger_indexedentry WHERE stream_id = %(stream)s AND {name} = %({name})s) i"
)
_BEGINS = """(SELECT f.* FROM unnest(%(starts)s::text[]) AS k JOIN LATERAL (
    SELECT * FROM ledger_indexedentry
    WHERE subject ~>=~ k AND subject ~<~ (k || %(last_letter)s) OFFSET 0
) f ON true WHERE f.stream_id = %(stream)s) i"""
_BEGINS_SO = (
    "EXISTS (SELECT FROM unnest(%(starts)s::text[]) AS k WHERE starts_with(i.subject, k))"
)
_COUNT = "SELECT count(*), {place} FROM (SELECT FROM {rows} LIMIT %(enough)s) AS counted"
_GATHER = """
WITH placed AS MATERIALIZED (
    SELECT e.seq FROM {rows} JOIN LATERAL (SELECT seq FROM ledger.entry
        WHERE body_id = i.body_id AND stream = %(stream)s OFFSET 0) e ON true
    WHERE e.seq >= %(lo)s AND e.seq < %(hi)s AND {holds}
)
SELECT (SELECT count(*) FROM placed), ARRAY(SELECT seq FROM placed
    WHERE seq >= %(first)s AND seq < %(last)s ORDER BY seq {order} LIMIT %(most)s)
"""
_WALK = """
SELECT e.seq FROM ledger.entry e LEFT JOIN LATERAL (SELECT * FROM ledger_indexedentry
    WHERE body_id = e.body_id OFFSET 0) i ON true
WHERE e.stream = %(stream)s AND e.seq >= %(first)s AND e.seq < %(last)s AND {holds}
ORDER BY e.seq {order} LIMIT %(most)s
"""
_ALL = """
SELECT seq FROM ledger.entry WHERE stream = %(stream)s AND seq >= %(first)s AND seq < %(last)s
ORDER BY seq {order} LIMIT %(most)s
"""


@dataclass(frozen=True)
class Condition:
    """What an entry must say: where its matches are found, and whether a row `i` is one."""

    rows: str
    holds: str


@dataclass
class Asked:
    """What is looked for in one stream; positions are from `lo` on and below `hi`."""

    stream: Stream
    lo: int
    hi: int
    conditions: list[Condition] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def is_value(self, name: str, value: str) -> None:
        """Ask for entries whose `name` (a column of the index) is `value`."""
        self.params[name] = value
        self.conditions.append(Condition(_IS.format(name=name), f"i.{name} = %({name})s"))

    def begins(self, identity: str) -> None:
        """Ask for entries about anything whose identity, after its kind, begins so."""
        self.params["starts"] = [f"{kind}:{identity}" for kind in _column(_KINDS, {})]
        self.params["last_letter"] = _LAST
        self.conditions.append(Condition(_BEGINS, _BEGINS_SO))

    def holds(self) -> str:
        """Return what a row `i` of the index must fulfil; without one, nothing is hidden."""
        told = [condition.holds for condition in self.conditions]
        if self.hidden:
            self.params["hidden"] = self.hidden
            told.append("coalesce(i.event <> ALL (%(hidden)s), true)")
        return " AND ".join(told)


@dataclass(frozen=True)
class Found:
    """Positions in the order asked for; `total` is None where there are too many to count.

    `onward` is the place from which to go on looking: None if the look reached the end, or
    found enough.
    """

    seqs: list[int]
    total: int | None
    onward: int | None = None


def values(stream: Stream, name: str, *, most: int) -> list[str]:
    """Return the values that occur in a stream in a column of the index, at most so many."""
    return _column(_VALUES.format(name=name), {"stream": stream.pk, "most": most})


def position_at(stream: Stream, size: int, sealed_us: int) -> int:
    """Return the first position sealed at this time or later; `size` if there is none."""
    params = {"stream": stream.pk, "size": size, "time": sealed_us}
    return int(_column(_AT, params)[0])


def look(asked: Asked, *, place: int | None, ascending: bool, most: int) -> Found:
    """Return up to `most` positions behind `place` in this direction, none of it twice."""
    first, last = asked.lo, asked.hi
    if place is not None and ascending:
        first = max(first, place + 1)
    elif place is not None:
        last = min(last, place)
    asked.params |= {
        "stream": asked.stream.pk,
        "lo": asked.lo,
        "hi": asked.hi,
        "first": first,
        "last": last,
        "most": most,
    }
    order = "ASC" if ascending else "DESC"
    if not asked.conditions and not asked.hidden:
        seqs = _column(_ALL.format(order=order), asked.params)
        return Found(seqs, max(0, asked.hi - asked.lo))
    with _index_only():
        rarest = _rarest(asked)
        if rarest is None:
            return _walk(asked, first, last, order=order, most=most)
        return _gather(asked, rarest, order)


def _gather(asked: Asked, rarest: Condition, order: str) -> Found:
    query = _GATHER.format(rows=rarest.rows, holds=asked.holds(), order=order)
    with connection.cursor() as cursor:
        cursor.execute(query, asked.params)
        total, seqs = cursor.fetchone()
    return Found(list(seqs), total)


def _walk(asked: Asked, first: int, last: int, *, order: str, most: int) -> Found:
    """Pass over WALKED entries at most; see `Found.onward`."""
    if order == "ASC":
        end = min(last, first + WALKED)
        asked.params["last"], onward, is_end = end, end - 1, end >= last
    else:
        end = max(first, last - WALKED)
        asked.params["first"], onward, is_end = end, end, end <= first
    seqs = _column(_WALK.format(holds=asked.holds(), order=order), asked.params)
    return Found(seqs, None, None if is_end or len(seqs) == most else onward)


def _rarest(asked: Asked) -> Condition | None:
    """Return the condition with the fewest matches, if they can be gathered; one query."""
    if not asked.conditions:
        return None
    asked.params["enough"] = GATHERED + 1
    counts = [
        _COUNT.format(rows=each.rows, place=place)
        for place, each in enumerate(asked.conditions)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counts), asked.params)
        fewest, place = min(cursor.fetchall())
    return asked.conditions[place] if fewest <= GATHERED else None


@contextmanager
def _index_only() -> Iterator[None]:
    """Let the database look things up instead of reading whole tables, whatever it guesses.

    Its guesses come from the values that are most frequent; a wrong one costs seconds.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('enable_seqscan', 'off', true),"
                " set_config('enable_bitmapscan', 'off', true)"
            )
        yield
        transaction.set_rollback(True)  # nothing was written; the settings end here


def _column(query: str, params: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [row[0] for row in cursor.fetchall()]
