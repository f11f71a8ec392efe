"""The part of the door that is about keeping and erasing records; `ledger` offers it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ledger.erasure import Target
    from ledger.events import RemainsKept
    from ledger.references import Actor
    from ledger.registry import Record
    from ledger.retention import Holding, RetentionClass


def erasure_targets(
    stream: str | None = None,
    *,
    positions: Collection[int] | None = None,
    subjects: Collection[str] | None = None,
) -> list[Target]:
    """Return the entries of a stream that an erasure would be about, oldest first.

    They are those at `positions`, or those about any of `subjects`; `stream` is a project's
    id, None the organisation's.
    """
    from ledger import erasure

    return erasure.targets(stream, positions=positions, subjects=subjects)


def never_erased(targets: Sequence[Target]) -> dict[int, str]:
    """Return, by position, why an entry must stay whoever asks; others are not in it."""
    from ledger import erasure

    return erasure.obstacles(targets)


def remains_of(targets: Iterable[Target], *, request: str) -> RemainsKept | None:
    """Return the event that keeps, of entries about to go, what tables rest on; None: nothing.

    It holds no free text.  Whoever erases appends it in the transaction of the approval.
    """
    from ledger import erasure

    return erasure.remains(targets, request=request)


def scrub(request: str) -> None:
    """Withhold what the apps' tables copied from the entries that `request` erases."""
    from ledger import erasure

    erasure.scrub(request)


def erase(
    targets: Iterable[Target],
    *,
    basis: str,
    approved_by: Sequence[str],
    by: Actor | str,
    reason: str,
) -> list[int]:
    """Blank entries of one stream for good, all or none; return their positions.

    On a connection of its own: call it when everything that allows it is committed or locked.
    What is blank already is passed over.  The files of bundles that show it go too.  Raises
    ValueError unless two people approved.
    """
    from ledger import erasure
    from ledger.bundle import keeping

    gone = erasure.erase(targets, basis=basis, approved_by=approved_by, by=by, reason=reason)
    keeping.expire()
    return gone


def erasures(positions: Collection[int], stream: str | None = None) -> dict[int, Record]:
    """Return, by position, the entry that says an entry was erased; others are not in it."""
    from ledger import erasure

    return dict(erasure.erasures(stream, positions))


def sweep() -> dict[str, int]:
    """Rewrite the tables whose files may keep what was blanked, which are locked meanwhile.

    Returns, by table, how many old versions of rows had to stay, because a transaction that
    still runs could see them.  Raises django.db.NotSupportedError before PostgreSQL 17, where
    the owner does it.
    """
    from ledger import erasure

    return erasure.sweep()


def retention_classes() -> dict[str, RetentionClass]:
    """Return every retention class by its key."""
    from ledger import retention

    return retention.classes()


def retention_class(event: str) -> RetentionClass:
    """Return the class that entries of this event belong to; LookupError if none does."""
    from ledger import retention

    return retention.class_of(event)


def retention_holdings(streams: Collection[str | None]) -> list[Holding]:
    """Count the entries of each class in each stream; None is the organisation's."""
    from ledger import history, retention

    return retention.holdings([history.stream_origin(stream) for stream in streams])
