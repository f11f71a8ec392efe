"""The search index: what pages filter by, made again from the bodies; never evidence."""

from django.db import connection, transaction

from ledger.canonical_json import CanonicalError
from ledger.envelope import read_record
from ledger.models import Body, IndexedEntry

_CHUNK = 1000


@transaction.atomic
def rebuild() -> int:
    """Replace the whole index by what the bodies say; return how many entries it has.

    Bodies that are no events are left out; verification names each of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ledger_indexedentry IN EXCLUSIVE MODE")
    IndexedEntry.objects.all().delete()
    written, batch = 0, []
    bodies = Body.objects.filter(body__isnull=False).order_by("pk")
    for body in bodies.iterator(chunk_size=_CHUNK):
        indexed = _indexed(body)
        if indexed:
            batch.append(indexed)
        if len(batch) == _CHUNK:
            written += len(IndexedEntry.objects.bulk_create(batch))
            batch = []
    return written + len(IndexedEntry.objects.bulk_create(batch))


def _indexed(body: Body) -> IndexedEntry | None:
    try:
        record = read_record("", 0, 0, b"", bytes(body.body or b""))
    except CanonicalError:
        return None
    return IndexedEntry(
        body_id=body.pk,
        stream_id=body.stream_id,
        event=record.event,
        actor=record.actor,
        subject=record.subject,
        at=record.at,
        session=record.origin["session"],
        device=record.origin["device"],
    )
