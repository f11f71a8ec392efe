"""What was acknowledged is in the record, once, and the record verifies: else the run fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from bench import arms
from bench.clients import Clients
from ledger import sealer
from ledger.models import Body, Entry
from ledger.verify import verify


@contextmanager
def balanced(clients: Clients) -> Iterator[None]:
    """Check that the clients' acknowledged appends are exactly the entries that came."""
    before = Entry.objects.filter(stream_id=arms.stream()).count()
    yield
    sealer.seal_everything()
    came = Entry.objects.filter(stream_id=arms.stream()).count() - before
    if came != clients.acknowledged:
        raise SystemExit(f"{clients.acknowledged} appends were acknowledged, {came} came.")


def reconnect() -> None:
    """Leave a connection whose server was stopped."""
    connection.close()


def postgresql() -> str:
    """Return the version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def verified() -> dict[str, Any]:
    """Verify the benchmark's stream as a whole; raises SystemExit unless it is sound."""
    sealer.seal_everything()
    origin = "localhost/ledger/p/bench"
    (verdict,) = verify(origin, workers=2).streams
    bodies, entries = (
        model.objects.filter(stream_id=arms.stream()).count() for model in (Body, Entry)
    )
    if verdict.integrity != "ok" or not bodies == entries == verdict.size:
        raise SystemExit(f"The record does not verify: {verdict}, {bodies} bodies.")
    return {
        "entries": entries,
        "integrity": verdict.integrity,
        "completeness": verdict.completeness,
    }
