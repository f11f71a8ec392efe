"""Read records although some were erased: what was kept of them stands in their place."""

from __future__ import annotations

from datetime import UTC, datetime
from heapq import merge
from typing import TYPE_CHECKING, Any

from django.db import connection

from ledger import scan
from ledger.envelope import TIME_FORMAT, StoredRecord, sealing_time
from ledger.erasure import WITHHELD
from ledger.events import RemainsKept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_BLANK = """
SELECT s.id, s.origin, e.seq, e.sealed_us, encode(e.commitment, 'hex'), encode(e.hash, 'hex')
FROM ledger.body b
JOIN ledger.entry e ON e.body_id = b.id JOIN ledger.stream s ON s.id = e.stream
WHERE b.body IS NULL
"""
_STREAMS = "SELECT origin, id FROM ledger.stream"
LAST = 1 << 62  # after every sealed entry: what still waits


class Kept:
    """What stands for the entries whose bytes are gone, as of one moment."""

    def __init__(self) -> None:
        self.standing: list[StoredRecord] = []
        with connection.cursor() as cursor:
            cursor.execute(_STREAMS)
            self.streams: dict[str, int] = dict(cursor.fetchall())
            cursor.execute(_BLANK)
            blank = {(row[1], row[2], row[4]): row for row in cursor.fetchall()}
        if not blank:
            return
        for record in scan.records({RemainsKept.name}):
            for said in record.payload["entries"]:
                row = blank.pop((record.stream, said["seq"], said["commitment"]), None)
                if row:
                    self.standing.append(_stand_in(row, said))

    def records(self, events: Collection[str]) -> Iterator[StoredRecord]:
        """Yield every record of these events as `scan.records` does, the erased ones too."""
        standing = sorted(
            (each for each in self.standing if each.event in events), key=self._place
        )
        yield from merge(scan.records(events), standing, key=self._place)

    def _place(self, record: StoredRecord) -> tuple[int, int]:
        seq = LAST if record.sequence == scan.WAITING else record.sequence
        return self.streams.get(record.stream, 0), seq


def _stand_in(row: tuple[Any, ...], said: dict[str, Any]) -> StoredRecord:
    _, origin, seq, sealed_us, _, entry_hash = row
    return StoredRecord(
        sequence=seq,
        stream=origin,
        event=said["event"],
        actor=said["actor"],
        subject=said["subject"],
        at=datetime.strptime(said["at"], TIME_FORMAT).replace(tzinfo=UTC),
        sealed_at=sealing_time(sealed_us),
        payload=said["payload"],
        reason=WITHHELD if said["had_reason"] else None,
        role=None,
        origin={"device": None, "network": None, "session": None},
        hash=entry_hash,
    )
