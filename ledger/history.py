"""Read the record: what it says about something, and how far it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max, Min, OuterRef, Subquery

from ledger.envelope import StoredRecord, read_record, sealing_time
from ledger.models import Entry, Stream
from ledger.references import ORGANISATION, origin_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from ledger.registry import Record


def record_of(entry: Entry) -> StoredRecord:
    """Return the record of an entry loaded with its body and stream.

    Raises CanonicalError where the bytes are gone or are no event.
    """
    body = bytes(entry.body.body or b"")
    return read_record(entry.stream.origin, entry.seq, entry.sealed_us, bytes(entry.hash), body)


def stream_origin(stream: str | None) -> str:
    """Return the origin of a project's stream; None is the organisation's."""
    return origin_of(settings.LEDGER_SITE, stream or ORGANISATION)


def about(refs: Iterable[str], stream: str | None) -> list[Record]:
    """See `ledger.about`."""
    entries = Entry.objects.filter(body__indexed__subject__in=list(refs))
    if stream is not None:
        entries = entries.filter(stream__origin=stream_origin(stream))
    found = entries.select_related("body", "stream").order_by("sealed_us", "stream_id", "seq")
    return [record_of(entry) for entry in found]


def positions(refs: Collection[str], stream: str | None) -> dict[str, int]:
    """See `ledger.positions`."""
    entries = Entry.objects.filter(
        body__indexed__subject__in=list(refs), stream__origin=stream_origin(stream)
    )
    newest = entries.values_list("body__indexed__subject").annotate(Max("seq"))
    return dict(newest.order_by())


def head(stream: str | None) -> tuple[int, datetime] | None:
    """See `ledger.head`."""
    return head_of(Stream.objects.filter(origin=stream_origin(stream)).first())


def head_of(stream: Stream | None) -> tuple[int, datetime] | None:
    """Return position and sealing time of the newest entry of `stream`."""
    if stream is None:
        return None
    newest = Entry.objects.filter(stream=stream).order_by("-seq")
    row = newest.values_list("seq", "sealed_us").first()
    return row and (row[0], sealing_time(row[1]))


def beginning() -> datetime | None:
    """Return when the first entry of all was sealed; None while there is none."""
    first = Entry.objects.filter(stream=OuterRef("pk"), seq=0).values("sealed_us")
    began = Stream.objects.annotate(began=Subquery(first)).aggregate(Min("began"))["began__min"]
    return None if began is None else sealing_time(began)
