"""Go on after entries that were signed are lost for good, and say so where nobody can miss it.

Two people decide it.  A lost position is never used again: an entry that says
`ledger.position_lost` takes each, so that no size ever gets a second root.  Then an entry names
the two, a signed one names what was lost, and only from a larger size on does the signer sign
again.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from django.db import transaction

from ledger import chain, checkpoints, rollback, sealer, succession, tiles
from ledger.events import LostPart, PositionLost, RecoveryApproved, RecoveryDeclared
from ledger.models import Stream
from ledger.notes import Signer
from ledger.rollback import Contradiction, StreamSubject, size_of
from ledger.verifier.notes import Checkpoint, checkpoint_text

if TYPE_CHECKING:
    from ledger.references import Actor

ACTOR = "system:recover_record"
TITLE = "ledger/v1 recovery"
BATCH = 1000


class NothingLostError(ValueError):
    """The database contains everything that was signed."""

    def __init__(self) -> None:
        super().__init__("The database contains everything that was signed; nothing is lost.")


class OnePersonError(ValueError):
    """Going on without signed entries takes two people."""

    def __init__(self) -> None:
        super().__init__("You declare the recovery; somebody else approves it.")


def recover(*, by: Actor, approved_by: Actor, reason: str) -> list[Contradiction]:
    """Declare what is lost and go on; return it.  A call that died can be made again.

    Both people are named on record; whoever calls has made sure that they are who they say.
    Raises OnePersonError, NothingLostError, or SignerError where the signer cannot sign.
    """
    if by.ledger_ref == approved_by.ledger_ref:
        raise OnePersonError
    if not reason.strip():
        raise ValueError("Say why entries are lost: it goes on record.")
    signer = Signer.of_site()
    with signer.state.alone():
        lost = rollback.look(signer)
        if not lost and not rollback.held():
            raise NothingLostError
        rollback.alarm(lost)
        succession.finish(signer)
        for each in lost:
            _fill(each)
        succession.restore(signer)
        _declare(signer, lost, by=by, approved_by=approved_by, reason=reason)
        rollback.forget()
        for each in lost:
            _sign_anew(signer, each)
        checkpoints.everything(signer)
    return lost


def _fill(lost: Contradiction) -> None:
    """Take the positions that were signed and are gone, so that none is used twice."""
    subject = StreamSubject(lost.signed.origin)
    event = PositionLost(lost_size=lost.signed.size, lost_root=lost.signed.root.hex())
    while True:
        stream = Stream.objects.filter(origin=lost.signed.origin).first()
        if stream is not None:
            sealer.seal_now(stream.pk)
        missing = lost.signed.size - size_of(stream)
        if missing <= 0:
            return
        with transaction.atomic():
            lost_here = repeat((event, subject), min(missing, BATCH))
            chain.append_many(lost_here, actor=ACTOR, reason=None)


@transaction.atomic(durable=True)
def _declare(
    signer: Signer, lost: list[Contradiction], *, by: Actor, approved_by: Actor, reason: str
) -> None:
    """Append who approved, and the signed entries: for the organisation, and each that lost."""
    chain.append(
        _approval(lost, by=by, approved_by=approved_by),
        actor=approved_by,
        subject=StreamSubject(signer.org).ledger_ref,
        reason=reason,
    )
    for event in [_event(signer, each) for each in lost] or [_event(signer, None)]:
        subject = StreamSubject(event.origin)
        if subject.ledger_stream is not None:
            chain.append(event, actor=by, subject=subject, reason=reason)
        chain.append(event, actor=by, subject=subject.ledger_ref, reason=reason)


def _approval(lost: list[Contradiction], *, by: Actor, approved_by: Actor) -> RecoveryApproved:
    parts = [
        LostPart(
            origin=each.signed.origin,
            size=each.size,
            lost_size=each.signed.size,
            lost_root=each.signed.root.hex(),
        )
        for each in lost
    ]
    return RecoveryApproved(
        requested_by=by.ledger_ref, approved_by=approved_by.ledger_ref, lost=tuple(parts)
    )


def _event(signer: Signer, lost: Contradiction | None) -> RecoveryDeclared:
    """Return the declaration; without a loss, that the record is whole and goes on."""
    if lost is None:
        stream = Stream.objects.get(origin=signer.org)
        size = size_of(stream)
        signed = Checkpoint(signer.org, size, tiles.extend(stream, size))
    else:
        signed, size = lost.signed, lost.size
    text = f"{TITLE}\n{checkpoint_text(signed)}{size}\n"
    return RecoveryDeclared(
        origin=signed.origin,
        size=size,
        lost_size=signed.size,
        lost_root=signed.root.hex(),
        note=signer.sign(text, signer.org, [signer.history().newest]),
    )


def _sign_anew(signer: Signer, lost: Contradiction) -> None:
    """Sign the stream as it is now, larger than anything signed before, without a proof."""
    stream = Stream.objects.get(origin=lost.signed.origin)
    sealer.seal_now(stream.pk)
    size = size_of(stream)
    if size <= lost.signed.size:
        raise RuntimeError(f"{stream.origin} has not outgrown what was signed.")
    head = Checkpoint(stream.origin, size, tiles.extend(stream, size))
    signer.state.give_up(stream.origin, lost.signed.size)
    checkpoints.publish(signer, stream, head, checkpoints.keep(signer, head))
