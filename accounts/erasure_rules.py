"""What an erasure may be about, and the rules that refuse one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils import timezone

import ledger
from accounts import holds, subjects
from accounts.errors.retention import (
    HeldError,
    NeverErasedError,
    NotDueError,
    NothingToEraseError,
    SubjectBusyError,
    TooMuchToEraseError,
)
from accounts.events.retention import Weighed
from accounts.models import ErasureRequest, LegalHold
from accounts.retention import periods

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST = 200
SUBJECT_CLASS = "images"  # what a subject's key encrypts belongs to this class
Kind = ErasureRequest.Kind


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants erased from a stream: positions, all about a subject, or its key."""

    kind: str
    subject_ref: str = ""
    positions: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Covered:
    """What would go, and what stays because the record cannot do without it, by position."""

    targets: Sequence[ledger.Target]
    stays: dict[int, str]


def cover(stream: str | None, wanted: Wanted) -> Covered:
    """Find what `wanted` is about.

    Positions that were named must all be able to go; of everything about a subject, what
    cannot is listed.  Raises NothingToEraseError, TooMuchToEraseError or NeverErasedError.
    """
    named = wanted.positions if not wanted.subject_ref else None
    about = {wanted.subject_ref} if wanted.subject_ref else None
    found = ledger.erasure_targets(stream, positions=named, subjects=about)
    if len(found) > MOST or len(wanted.positions) > MOST:
        raise TooMuchToEraseError(MOST)
    if named is not None:
        require_erasable(found)
    stays = ledger.never_erased(found)
    targets = [target for target in found if target.seq not in stays]
    if not targets or (named is not None and len(found) != len(set(named))):
        raise NothingToEraseError
    return Covered(targets=targets, stays=stays)


def require_erasable(targets: Sequence[ledger.Target]) -> None:
    """Refuse while one of the entries can never go (NeverErasedError)."""
    stays = ledger.never_erased(targets)
    if stays:
        seq = min(stays)
        raise NeverErasedError(seq, stays[seq])


def require_free(stream: str | None, targets: Sequence[ledger.Target]) -> None:
    """Refuse while a legal hold touches one of the entries (HeldError)."""
    refs = {target.record.subject for target in targets if target.record}
    refs |= subjects.holders(refs)
    sealed = [target.sealed_at for target in targets]
    hold = holds.holding(stream, refs=refs, sealed=sealed)
    if hold is not None:
        what = "what you ask to erase" if len(targets) != 1 else f"entry #{targets[0].seq:,}"
        raise _held(hold, what)


def _held(hold: LegalHold, what: str) -> HeldError:
    seq = ledger.positions([hold.ledger_ref], hold.ledger_stream).get(hold.ledger_ref)
    return HeldError(what, covered=hold.covered, seq=seq)


def weigh(stream: str | None, targets: Sequence[ledger.Target]) -> tuple[Weighed, ...]:
    """Return class and due date of each entry, as the periods are now."""
    chosen = periods()
    return tuple(
        Weighed(
            seq=target.seq,
            commitment=target.commitment,
            event=target.record.event,
            class_key=ledger.retention_class(target.record.event).key,
            due=_written(chosen.due(target.record.event, target.sealed_at, stream)),
        )
        for target in targets
        if target.record
    )


def require_due(stream: str | None, targets: Sequence[ledger.Target]) -> None:
    """Refuse while the period of one of the entries runs (NotDueError)."""
    chosen, now = periods(), timezone.now()
    for target in targets:
        if target.record is None:
            continue
        due = chosen.due(target.record.event, target.sealed_at, stream)
        if due is None or due > now:
            title = ledger.retention_class(target.record.event).title
            raise NotDueError(f"Entry #{target.seq:,}", title=title, due=due)


def require_subject_may_go(found: subjects.Described, *, ref: str, is_duty: bool) -> None:
    """Refuse to destroy a key that is waited for, held or not due."""
    if found.waits:
        raise SubjectBusyError(found.waits)
    hold = holds.holding(found.stream, refs={ref}, sealed=found.taken_in, whole=ref)
    if hold is not None:
        raise _held(hold, found.title)
    if not is_duty:
        title = ledger.retention_classes()[SUBJECT_CLASS].title
        raise NotDueError(found.title, title=title, due=None)


def targets_of(content: dict[str, Any], stream: str | None) -> list[ledger.Target]:
    """Return the entries a request is about, as they are now, blank ones among them."""
    wanted = {int(seq): told for seq, told in content["positions"]}
    found = ledger.erasure_targets(stream, positions=wanted)
    return [t for t in found if wanted[t.seq] == t.commitment]


def _written(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None
