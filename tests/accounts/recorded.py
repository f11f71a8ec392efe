"""What the record says, read back inside a test that never commits."""

from typing import Any

from django.db import connection

import ledger
from ledger.models import Body


def recorded(event: str | None = None) -> list[dict[str, Any]]:
    """Return actor, subject, reason and payload of the entries so far, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    bodies = [ledger.parse(bytes(row.body or b"")) for row in Body.objects.order_by("pk")]
    return [
        {
            "actor": body["actor"],
            "subject": body["subject"],
            "reason": body.get("reason"),
            "payload": body["payload"],
        }
        for body in bodies
        if event in {None, body["event"]}
    ]
