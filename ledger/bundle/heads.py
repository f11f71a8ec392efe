"""Which signed heads a bundle ends with: each of them recorded in the organisation's stream."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection

from ledger.bundle.errors import EmptyScopeError, NotSignedError
from ledger.bundle.manifest import OtherStream
from ledger.bundle.reading import rows, told
from ledger.models import Checkpoint, Stream
from ledger.references import ORGANISATION, origin_of

if TYPE_CHECKING:
    from ledger.bundle.scope import Scope

ALL = 1000  # of so many checkpoints of a stream, each is in the bundle
NEWEST = 100  # of more: the newest, the last of each day, and the first after each rotation
NOT_ASKED = "not asked for"
UNSIGNED = "Its newest entries are not signed yet; run sign_checkpoint, then try again."
_CHOSEN = """
SELECT size, note FROM ledger.checkpoint WHERE stream = %s AND size < %s AND (
    (SELECT count(*) FROM ledger.checkpoint WHERE stream = %s) <= %s
    OR size = ANY (%s)
    OR size IN (SELECT size FROM ledger.checkpoint WHERE stream = %s AND size < %s
                ORDER BY size DESC LIMIT %s)
    OR size IN (SELECT max(size) FROM ledger.checkpoint WHERE stream = %s
                GROUP BY date_trunc('day', created_at AT TIME ZONE 'UTC'))
) ORDER BY size
"""
ERASED = b'"event":"ledger.entry_erased"'


class Head(NamedTuple):
    """A stream up to its newest checkpoint, with the notes of older ones, by size."""

    stream: Stream
    size: int
    root: bytes
    note: str
    older: dict[int, str]

    @property
    def origin(self) -> str:
        return self.stream.origin

    @property
    def origin_id(self) -> str:
        return bytes(self.stream.origin_id).hex()


class Recorded:
    """The checkpoints of one stream that the organisation's stream records, by size."""

    def __init__(self) -> None:
        self.sizes = array("Q")  # ascending, as they were signed
        self.root = ""

    def add(self, size: int, root: str) -> None:
        if not self.sizes or size > self.sizes[-1]:
            self.sizes.append(size)
            self.root = root

    def __contains__(self, size: int) -> bool:
        place = bisect_left(self.sizes, size)
        return place < len(self.sizes) and self.sizes[place] == size


class Heads(NamedTuple):
    """The organisation's head, that of the project asked for, and those of the others."""

    organisation: Head
    project: Head | None
    others: list[OtherStream]
    rotations: list[int]

    @property
    def included(self) -> list[Head]:
        """The streams that are in the bundle, by origin."""
        found = [self.organisation, *([self.project] if self.project else [])]
        return sorted(found, key=lambda head: head.origin)


def heads_of(scope: Scope) -> Heads:
    """Return the newest heads that a bundle can end with.

    Raises EmptyScopeError for a stream without entries, NotSignedError where a checkpoint is
    missing.
    """
    streams = {stream.origin: stream for stream in Stream.objects.all()}
    origins = {
        name: origin_of(settings.LEDGER_SITE, name) for name in (ORGANISATION, scope.key)
    }
    if not streams.keys() >= set(origins.values()):
        raise EmptyScopeError("Nothing is on record yet; there is nothing to export.")
    organisation = streams[origins[ORGANISATION]]
    newest = Checkpoint.objects.filter(stream=organisation).order_by("size").last()
    if newest is None:
        raise NotSignedError(UNSIGNED)
    recorded = _recorded(organisation, newest.size)
    rotations = [row.seq for row, _ in told(organisation.pk, newest.size, "key.rotated")]
    project = None
    if not scope.is_organisation:
        project = _project_head(streams[origins[scope.key]], recorded)
    return Heads(
        _head(newest, rotations=rotations),
        project,
        [
            OtherStream(origin, _id(streams, origin), found.sizes[-1], found.root, NOT_ASKED)
            for origin, found in sorted(recorded.items())
            if project is None or origin != project.origin
        ],
        rotations,
    )


def _id(streams: dict[str, Stream], origin: str) -> str:
    if origin not in streams:
        raise NotSignedError(f"The stream {origin} is recorded, but it is not here.")
    return bytes(streams[origin].origin_id).hex()


def _recorded(organisation: Stream, size: int) -> dict[str, Recorded]:
    found: dict[str, Recorded] = {}
    for _, written in told(organisation.pk, size, "ledger.checkpoint_signed"):
        payload = written["payload"]
        found.setdefault(payload["origin"], Recorded()).add(payload["size"], payload["root"])
    return found


def _project_head(stream: Stream, recorded: dict[str, Recorded]) -> Head:
    found = recorded.get(stream.origin)
    if found is None:
        raise NotSignedError(UNSIGNED)
    newest = Checkpoint.objects.filter(stream=stream, size=found.sizes[-1]).first()
    if newest is None or bytes(newest.root).hex() != found.root:
        raise NotSignedError(
            f"The checkpoint of {found.sizes[-1]:,} entries that is on record for"
            f" {stream.origin} is not stored, or another one is. Run verify_ledger."
        )
    head = _head(newest)
    return head._replace(older={n: note for n, note in head.older.items() if n in found})


def _head(newest: Checkpoint, rotations: list[int] | None = None) -> Head:
    stream: int = newest.stream_id
    after: list[int] = []
    for rotation in rotations or []:
        later = Checkpoint.objects.filter(stream_id=stream, size__gt=rotation)
        after += later.order_by("size").values_list("size", flat=True)[:1]
    place = [stream, newest.size]
    with connection.cursor() as cursor:
        chosen: list[Any] = [*place, stream, ALL, after, *place, NEWEST, stream]
        cursor.execute(_CHOSEN, chosen)
        older = dict(cursor.fetchall())
    return Head(newest.stream, newest.size, bytes(newest.root), newest.note, older)


def erased_after(heads: Heads) -> bool:
    """Tell whether a body was erased by an entry that a head does not reach yet.

    Its bytes are gone already, so the bundle has to end after the entry that says so.
    """
    beyond = 1 << 62
    return any(
        True
        for head in heads.included
        for _ in rows(head.stream.pk, beyond, start=head.size, marks=[ERASED])
    )
