"""How long an entry waits for its place: from its own COMMIT to that of the link."""

import time
from typing import Any

from django.db import connection

from bench import arms
from bench.clients import Clients

# Both times are PostgreSQL's own (track_commit_timestamp): what was linked at COMMIT has none.
_LAG = """
SELECT count(*), count(*) FILTER (WHERE e.xmin = b.xmin),
       percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY 1000 * extract(epoch FROM
           pg_xact_commit_timestamp(e.xmin) - pg_xact_commit_timestamp(b.xmin)))
FROM ledger.body b JOIN ledger.entry e ON e.body_id = b.id WHERE b.id > %s
"""


def measure(clients: Clients, count: int, seconds: float) -> dict[str, Any]:
    """Let clients append for so long; return p50 and p99 in ms and what still waits."""
    clients.run("append", count, 0.3)
    time.sleep(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM ledger.body")
        (before,) = cursor.fetchone()
        clients.run("append", count, seconds)
        time.sleep(0.1)
        cursor.execute("SELECT count(*) FROM ledger.pending WHERE stream = %s", [arms.stream()])
        (waiting,) = cursor.fetchone()
        cursor.execute(_LAG, [before])
        entries, at_commit, (p50, p99) = cursor.fetchone()
    return {
        "entries": entries,
        "linked_at_commit": round(at_commit / entries, 3),
        "p50_ms": round(float(p50), 3),
        "p99_ms": round(float(p99), 3),
        "pending_after_100_ms": waiting,
    }
