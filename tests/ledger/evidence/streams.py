"""Entries as a test tells them, without a database: what a pure function needs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import ledger

ORG = "example.org/ledger/org"
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
INSTALLATION = {
    "name": "Annotation ledger",
    "version": "0.1.0",
    "commit": "",
    "files": 3,
    "manifest_sha256": "ab" * 32,
    "database": "PostgreSQL 18",
    "environment": "Python 3.11",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A record as `ledger.Record` wants it."""

    sequence: int
    stream: str
    event: str
    actor: str
    subject: str
    at: datetime
    sealed_at: datetime
    payload: dict[str, Any]
    reason: str | None = None
    role: str | None = None
    origin: dict[str, Any] = field(default_factory=dict)
    hash: str = "00" * 32


class Story:
    """A stream of entries, one minute apart, each told by its event and its payload."""

    def __init__(self, stream: str = ORG) -> None:
        self.stream = stream
        self.entries: list[Told] = []

    def tell(
        self,
        event: str,
        payload: dict[str, Any] | None = None,
        *,
        actor: str = "accounts.user:1",
        subject: str = "accounts.user:1",
        **facts: Any,
    ) -> Told:
        at = START + timedelta(minutes=len(self.entries))
        told = Told(
            sequence=len(self.entries),
            stream=self.stream,
            event=event,
            actor=actor,
            subject=subject,
            at=at,
            sealed_at=at,
            payload=payload or {},
            hash=ledger.sha256_hex(f"{self.stream} {len(self.entries)}".encode()),
            **facts,
        )
        self.entries.append(told)
        return told

    def ask(self, catalogue: str = "21cfr11", *, others: tuple["Story", ...] = ()) -> Told:
        """Tell the head of a report that reads this stream and the others."""
        return self.tell(
            "report.requested",
            {
                "report_id": f"report-{len(self.entries)}",
                "catalogue": catalogue,
                "catalogue_sha256": "cd" * 32,
                "project": others[0].stream.rpartition("/")[2] if others else None,
                "period_from": "2026-11-01",
                "period_to": "2026-11-30",
                "positions": [
                    {"stream": other.stream, "size": len(other.entries)} for other in others
                ],
                "installation": INSTALLATION,
            },
        )
