"""Carry out an approved erasure: blank the entries or destroy the key, once, crash or not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import erasure, erasure_rules, subject_keys, subjects
from accounts.errors.retention import (
    ErasureChangedError,
    ErasureStateError,
    SubjectUnknownError,
)
from accounts.events.retention import ErasureCarriedOut, SubjectKeyDestroyed
from accounts.models import ErasureRequest, User
from accounts.permissions import require_steward

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind, State = ErasureRequest.Kind, ErasureRequest.State
JOB = "system:erasure"
METHOD = "cryptographic erase: key overwritten and unlinked, folder flushed"
VERIFICATION = "the key store was asked again and has no such key"


@dataclass(frozen=True)
class _Patient:
    """A subject by its reference alone: its row may say nothing of it any more."""

    ledger_ref: str
    ledger_stream: str | None


@transaction.atomic
def carry_out(request: ErasureRequest, *, by: User | str) -> ErasureRequest:
    """Erase what two people signed for; `by` is one who may, or the job that resumes.

    Holds placed since the approval refuse it.  Raises PermissionDenied, ErasureStateError,
    ErasureChangedError or HeldError; then what was not erased yet is still there.
    """
    if isinstance(by, User):
        require_steward(by, request.project)
    elif by != JOB:
        raise ValueError(f"{by} erases nothing; only {JOB} resumes what people approved.")

    request = erasure.locked(request)
    if request.state != State.APPROVED:
        raise ErasureStateError(request.get_state_display(), asked="carried out")
    content = erasure.content_of(request)

    if request.kind == Kind.SUBJECT_KEY:
        about = _Patient(request.subject_ref, request.ledger_stream)
        told: list[tuple[ledger.Event, Any]] = [(_destroy(request, content), about)]
    else:
        told = []
        _blank(request, content, by=by)
    request.state, request.carried_out_at = State.CARRIED_OUT, timezone.now()
    request.save(update_fields=["state", "carried_out_at"])

    for event, subject in [*told, (_carried_out(request, content), request)]:
        ledger.append(event, actor=by, subject=subject)
    return request


def _blank(request: ErasureRequest, content: dict[str, Any], *, by: User | str) -> None:
    """Blank the entries of a request; those that a crash left blank are passed over."""
    stream = request.ledger_stream
    targets = erasure_rules.targets_of(content, stream)
    if len(targets) != len(content["positions"]):
        raise ErasureChangedError
    erasure_rules.require_free(stream, targets)
    ledger.scrub(request.ledger_ref)
    ledger.erase(
        targets,
        basis=request.basis,
        approved_by=_approvers(request),
        by=by,
        reason=f"as request {request.ledger_ref} says",
    )


def _destroy(request: ErasureRequest, content: dict[str, Any]) -> SubjectKeyDestroyed:
    """Destroy a subject's key and empty the rows about it; return the event that says so."""
    with suppress(SubjectUnknownError):  # withheld already, before a crash
        found = subjects.described(request.subject_ref)
        erasure_rules.require_subject_may_go(
            found, ref=request.subject_ref, is_duty=request.is_duty
        )
    subjects.withhold(request.subject_ref)
    store = subject_keys.store()
    store.destroy(content["key"])
    if not store.is_destroyed(content["key"]):
        raise subject_keys.KeyDamagedError("The key is still there; nothing was recorded.")
    return SubjectKeyDestroyed(
        subject_ref=request.subject_ref,
        key=content["key"],
        method=METHOD,
        verification=VERIFICATION,
        images=content["images"],
        snapshots=tuple(content["snapshots"]),
        approved_by=_approvers(request),
        basis=request.basis,
    )


def _approvers(request: ErasureRequest) -> tuple[str, str]:
    assert request.decided_by is not None  # the database keeps it so
    return request.requested_by.ledger_ref, request.decided_by.ledger_ref


def _carried_out(request: ErasureRequest, content: dict[str, Any]) -> ErasureCarriedOut:
    positions = [seq for seq, _ in content["positions"]]
    return ErasureCarriedOut(
        request=request.ledger_ref,
        content_hash=request.content_hash,
        entries=len(positions),
        first_position=min(positions, default=None),
        last_position=max(positions, default=None),
    )


def unfinished() -> Iterable[ErasureRequest]:
    """Return what two people approved and a crash left undone."""
    return ErasureRequest.objects.filter(state=State.APPROVED).order_by("decided_at")


def redo_destructions() -> list[str]:
    """Destroy again whatever key came back with a restored folder; return their names."""
    done = ErasureRequest.objects.filter(kind=Kind.SUBJECT_KEY, state=State.CARRIED_OUT)
    store, again = subject_keys.store(), []
    for request in done:
        name = erasure.content_of(request)["key"]
        if not store.is_destroyed(name):
            store.destroy(name)
            again.append(name)
    return again
