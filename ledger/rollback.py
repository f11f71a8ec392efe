"""A database that was set back: noticed by what the signer remembers, and then nobody writes.

The record itself says that it is held: a `ledger.rollback_detected` without a later
`ledger.recovery_declared`.  So every process knows, on every machine, also after a restart.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from ledger import chain, standing, tiles
from ledger.errors import RecordHeldError
from ledger.events import RecoveryDeclared, RollbackDetected
from ledger.models import Entry, IndexedEntry, Stream
from ledger.references import ORGANISATION, key_of, origin_of
from ledger.signing_keys import SignerError

if TYPE_CHECKING:
    from ledger.notes import Signer
    from ledger.verifier.notes import Checkpoint

logger = logging.getLogger(__name__)

ACTOR = "system:signer"
LOOK_SECONDS = 5.0  # how long a process may believe that the record is not held
_TELLING = [RollbackDetected.name, RecoveryDeclared.name]
_TOLD = """
SELECT i.body_id, i.event FROM ledger_indexedentry i JOIN ledger.stream s ON s.id = i.stream_id
WHERE s.origin = %s AND i.event = ANY (%s)
"""


@dataclass(frozen=True)
class StreamSubject:
    """A stream as what an entry is about, written into that stream itself."""

    origin: str

    @property
    def ledger_ref(self) -> str:
        return f"ledger.stream:{self.origin}"

    @property
    def ledger_stream(self) -> str | None:
        key = key_of(self.origin)
        return None if key == ORGANISATION else key


@dataclass(frozen=True)
class Contradiction:
    """A stream that does not begin with what was signed; `root` is None where it is shorter."""

    signed: Checkpoint
    size: int
    root: bytes | None

    def __str__(self) -> str:
        origin, size = self.signed.origin, self.signed.size
        if self.root is None:
            lost = size - self.size
            return (
                f"{origin} has {self.size:,} entries; {size:,} were signed, {lost:,} are lost"
            )
        return f"the first {size:,} entries of {origin} are not those that were signed"


class RolledBackError(SignerError):
    """What the database holds does not begin with what the signer signed."""

    def __init__(self, found: list[Contradiction]) -> None:
        self.found = found
        what = "; ".join(map(str, found)) or "so an entry says, and nobody declared a recovery"
        super().__init__(
            f"The database was set back or changed: {what}. Restore a newer backup, or declare"
            " the recovery with manage.py recover_record."
        )


def size_of(stream: Stream | None) -> int:
    """Return how many sealed entries a stream has."""
    if stream is None:
        return 0
    newest = Entry.objects.filter(stream=stream).order_by("-seq").values_list("seq", flat=True)
    last = newest.first()
    return 0 if last is None else last + 1


def compare(signed: Checkpoint) -> Contradiction | None:
    """Hold a stream against what was signed for it."""
    stream = Stream.objects.filter(origin=signed.origin).first()
    size = size_of(stream)
    if stream is None or size < signed.size:
        return Contradiction(signed, size, None)
    root = tiles.root_at(stream, signed.size)
    return None if root == signed.root else Contradiction(signed, size, root)


def look(signer: Signer) -> list[Contradiction]:
    """Hold every stream against what was signed for it last."""
    signed = [signer.own(note) for note in signer.state.notes()]
    return [found for each in signed if (found := compare(each)) is not None]


def require_no_loss(signer: Signer) -> None:
    """Raise RolledBackError, after an alarm, if a stream is shorter than what was signed.

    Also while the record is held.  That longer streams begin as they were signed is for the
    consistency proof of the next checkpoint.
    """
    sizes = standing.sizes()
    signed = [signer.own(note) for note in signer.state.notes()]
    short = [
        Contradiction(each, sizes.get(each.origin, 0), None)
        for each in signed
        if sizes.get(each.origin, 0) < each.size
    ]
    if short:
        alarm(short)
    forget()
    if short or held():
        raise RolledBackError(short)


def alarm(found: list[Contradiction]) -> None:
    """Put contradictions on record, once each, and on the log; from now on nobody writes."""
    for each in found:
        logger.critical("the database was set back or changed: %s", each)
    for each in found:
        if not _is_known(each):
            _record(each)
    forget()


def held() -> bool:
    """Tell whether the record waits for a recovery; asks the record every LOOK_SECONDS."""
    now = time.monotonic()
    if now >= _Held.until:
        newest = max(_told(), default=(0, ""))
        _Held.held = newest[1] == RollbackDetected.name
        _Held.until = now + LOOK_SECONDS
    return _Held.held


def require_free() -> None:
    """Raise RecordHeldError while the record waits for a recovery."""
    if held():
        raise RecordHeldError


def forget() -> None:
    """Ask the record again next time: it may have changed by another hand."""
    _Held.until = 0.0


class _Held:
    held = False
    until = 0.0


def _told() -> list[tuple[int, str]]:
    """Return body and name of each entry, of the organisation, about losses and recoveries.

    Beside Django: a look that comes once in seconds belongs to no page's queries.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(_TOLD, [origin_of(settings.LEDGER_SITE, ORGANISATION), _TELLING])
        return list(cursor.fetchall())


def _is_known(found: Contradiction) -> bool:
    """Tell whether the record is held for this contradiction already."""
    ref = StreamSubject(found.signed.origin).ledger_ref
    org = origin_of(settings.LEDGER_SITE, ORGANISATION)  # other streams may tell it too
    told = IndexedEntry.objects.filter(stream__origin=org, subject=ref, event__in=_TELLING)
    newest = told.order_by("-pk").first()
    return newest is not None and newest.event == RollbackDetected.name


@transaction.atomic
def _record(found: Contradiction) -> None:
    event = RollbackDetected(
        origin=found.signed.origin,
        signed_size=found.signed.size,
        signed_root=found.signed.root.hex(),
        size=found.size,
        root=None if found.root is None else found.root.hex(),
    )
    ref = StreamSubject(found.signed.origin).ledger_ref
    chain.append(event, actor=ACTOR, subject=ref, reason=None)
