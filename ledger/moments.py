"""Times of sealing against clocks outside: what witnesses and authorities saw, and when.

The database's clock is its administrator's.  Set back on a quiet day, before somebody signs,
it breaks no order and agrees with the time that the act tells.  But a checkpoint is seen
outside within minutes: an entry behind it was sealed later than that, and one before it not
long before.  What disagrees is told as a note: an anchor may have been away, a signer stopped.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import connection

from ledger.segments import AHEAD_US, BEHIND_US, Fault
from ledger.verifier.der import DerError
from ledger.verifier.envelope import MICROSECONDS
from ledger.verifier.notes import COSIGNATURE_BYTES, NoteError, parse_note
from ledger.verifier.timestamps import read_time_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.models import Stream

CODE = "N912"
NEWEST = 1000  # sightings of each stream that are looked at
MAX_TOLD = 20
WITNESS, STAMP = "witness", "rfc3161"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The entry that a sighting covers last, and the first one behind it.
_SEEN = """
SELECT a.kind, a.size, a.token, last.sealed_us, next.sealed_us FROM ledger.anchor a
JOIN ledger.entry last ON last.stream = a.stream AND last.seq = a.size - 1
LEFT JOIN ledger.entry next ON next.stream = a.stream AND next.seq = a.size
WHERE a.stream = %s AND a.kind IN (%s, %s) ORDER BY a.id DESC LIMIT %s
"""


def judge(stream: Stream) -> list[Fault]:
    """Note the entries of a stream whose times disagree with those of the clocks outside."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [stream.pk, WITNESS, STAMP, NEWEST])
        rows = cursor.fetchall()
    found: dict[int, str] = {}
    known = False  # that anybody outside looked before: the first sighting may come late
    for kind, size, token, last_us, next_us in reversed(rows):
        for seen_us in _times(kind, bytes(token)):
            for seq, said in _disagreements(size, seen_us, last_us, next_us, known=known):
                found.setdefault(seq, said)
            known = True
    return [Fault(seq, CODE, said) for seq, said in sorted(found.items())[:MAX_TOLD]]


def _disagreements(
    size: int, seen_us: int, last_us: int, next_us: int | None, *, known: bool
) -> Iterator[tuple[int, str]]:
    seen = f"{_EPOCH + timedelta(microseconds=seen_us):%Y-%m-%d %H:%M} UTC"
    if last_us > seen_us + AHEAD_US:
        yield size - 1, f"It says it was sealed later than it was seen outside, at {seen}."
    elif known and last_us < seen_us - BEHIND_US:
        yield size - 1, f"It says it was sealed long before it was seen outside, at {seen}."
    if next_us is not None and next_us < seen_us - AHEAD_US:
        yield (
            size,
            f"It follows what was seen outside at {seen}, and says it was sealed before.",
        )


def _times(kind: str, token: bytes) -> Iterator[int]:
    """Yield the microseconds since 1970 that a token vouches for; none that cannot be read."""
    with suppress(NoteError, DerError, RecursionError):
        if kind == STAMP:
            yield round((read_time_stamp(token).time - _EPOCH) / timedelta(microseconds=1))
            return
        for line in parse_note(b"seen\n\n" + token).lines:
            if len(line.signature) == COSIGNATURE_BYTES:
                yield int.from_bytes(line.signature[:8]) * MICROSECONDS
