"""Erasure: one person asks and signs, another approves and signs, then it is carried out.

What is signed is the sealed content of the request (schema erasure.request/1).  What was
approved is then carried out by `accounts.carrying_out`, after the approval is committed.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import erasure_rules, holds, subjects
from accounts.errors.base import ReasonMissingError
from accounts.errors.retention import (
    ErasureChangedError,
    ErasureStateError,
    SecondPersonError,
    SubjectUnknownError,
)
from accounts.events.retention import (
    ErasureApproved,
    ErasureDeclined,
    ErasureRequested,
)
from accounts.models import ErasureRequest, Project, User
from accounts.permissions import require_steward
from accounts.retention import SHORTEST_REASON
from accounts.signing import Confirmation, SignedItem

if TYPE_CHECKING:
    from accounts.erasure_rules import Wanted

Kind, State = ErasureRequest.Kind, ErasureRequest.State
STATEMENTS = {
    "request": "I ask that this be erased, on the basis given above.",
    "approval": "I have weighed this request and approve that it be carried out.",
}


@transaction.atomic
def prepare(
    project: Project | None,
    *,
    wanted: Wanted,
    is_duty: bool,
    basis: str,
    by: User,
    reason: str,
) -> ErasureRequest:
    """Write down what `by` wants erased, for them to sign; nothing is asked for yet.

    Raises PermissionDenied, ReasonMissingError, NothingToEraseError, NeverErasedError,
    HeldError, NotDueError, SubjectUnknownError or SubjectBusyError.
    """
    require_steward(by, project)

    if min(len(reason.strip()), len(basis.strip())) < SHORTEST_REASON:
        raise ReasonMissingError
    stream = str(project.pk) if project else None
    key = uuid.uuid4()
    content = {
        "schema": "erasure.request/1",
        "record_id": f"accounts.erasure_request:{key}",
        "stream": stream,
        "kind": wanted.kind,
        "subject": wanted.subject_ref or None,
        "is_duty": is_duty,
        "basis": basis.strip(),
        "reason": reason.strip(),
        "requested_by": by.ledger_ref,
        **_scope(stream, wanted, is_duty=is_duty),
    }

    return _written(key, content, project=project, by=by)


def _written(
    key: uuid.UUID, content: dict[str, Any], *, project: Project | None, by: User
) -> ErasureRequest:
    """Store the prepared request; its row repeats what lists are searched by."""
    written = ledger.canonical(content)
    return ErasureRequest.objects.create(
        pk=key,
        project=project,
        kind=content["kind"],
        subject_ref=content["subject"] or "",
        is_duty=content["is_duty"],
        basis=content["basis"],
        reason=content["reason"],
        content=written.decode(),
        content_hash=ledger.sha256_hex(written),
        requested_by=by,
        prepared_at=timezone.now(),
    )


def _scope(stream: str | None, wanted: Wanted, *, is_duty: bool) -> dict[str, Any]:
    """Return what the sealed content says of the extent; refuse what the rules refuse."""
    if wanted.kind == Kind.SUBJECT_KEY:
        found = subjects.described(wanted.subject_ref)
        if found.stream != stream:
            raise SubjectUnknownError
        erasure_rules.require_subject_may_go(found, ref=wanted.subject_ref, is_duty=is_duty)
        return {
            "positions": [],
            "stays": [],
            "key": found.key,
            "images": found.images,
            "snapshots": list(found.snapshots),
        }
    covered = erasure_rules.cover(stream, wanted)
    erasure_rules.require_free(stream, covered.targets)
    if not is_duty:
        erasure_rules.require_due(stream, covered.targets)
    return {
        "positions": [[target.seq, target.commitment] for target in covered.targets],
        "stays": [[seq, why] for seq, why in sorted(covered.stays.items())],
        "key": None,
        "images": 0,
        "snapshots": [],
    }


def content_of(request: ErasureRequest) -> dict[str, Any]:
    """Return the sealed content; raises ErasureChangedError if it is not what was sealed."""
    written = request.content.encode()
    if ledger.sha256_hex(written) != request.content_hash:
        raise ErasureChangedError
    return ledger.parse(written)


def signed_item(request: ErasureRequest) -> SignedItem:
    """Return what a signature of this request binds: its content, and that it was shown."""
    content_of(request)
    view = {
        "schema": "display.view/1",
        "record_id": request.ledger_ref,
        "version": 1,
        "content_hash": request.content_hash,
        "pixel_sha256": [],
        "labels": [],
        "window": [],
    }
    return SignedItem(
        record_id=request.ledger_ref,
        version=1,
        content_hash=request.content_hash,
        displayed_hash=ledger.sha256_hex(ledger.canonical(view)),
    )


@transaction.atomic
def ask(request: ErasureRequest, *, by: User, confirmation: Confirmation) -> ErasureRequest:
    """Sign the prepared request: from here on it waits for a second person.

    Raises PermissionDenied, ErasureStateError, ErasureChangedError, SigningExpiredError or
    what the rules refuse by now.
    """
    require_steward(by, request.project)

    request = locked(request)
    if request.requested_by_id != by.pk:
        raise ErasureChangedError
    if request.state != State.PREPARED:
        raise ErasureStateError(request.get_state_display(), asked="asked for")
    _require_signed(request, confirmation, by=by)
    _weigh(request)

    request.state, request.requested_at = State.REQUESTED, timezone.now()
    request.save(update_fields=["state", "requested_at"])

    content = content_of(request)
    requested = ErasureRequested(
        record_id=request.ledger_ref,
        version=1,
        content_hash=request.content_hash,
        kind=request.kind,
        entries=len(content["positions"]),
        is_duty=request.is_duty,
        basis=request.basis,
    )
    for event in (requested, confirmation.event()):
        ledger.append(event, actor=by, subject=request, reason=request.reason)
    return request


@transaction.atomic
def approve(request: ErasureRequest, *, by: User, confirmation: Confirmation) -> ErasureRequest:
    """Sign as the second person; `carry_out` may follow.

    Raises PermissionDenied, ErasureStateError, SecondPersonError, ErasureChangedError,
    SigningExpiredError or what the rules refuse by now; then nothing is approved.
    """
    require_steward(by, request.project)

    request = locked(request)
    if request.state != State.REQUESTED:
        raise ErasureStateError(request.get_state_display(), asked="approved")
    if request.requested_by_id == by.pk:
        raise SecondPersonError("approves the erasure")
    require_steward(request.requested_by, request.project)
    _require_signed(request, confirmation, by=by)
    targets = _weigh(request)

    request.state = State.APPROVED
    request.decided_by, request.decided_at = by, timezone.now()
    request.save(update_fields=["state", "decided_by", "decided_at"])

    approved = ErasureApproved(
        request=request.ledger_ref,
        content_hash=request.content_hash,
        requested_by=request.requested_by.ledger_ref,
        approved_by=by.ledger_ref,
        is_duty=request.is_duty,
        basis=request.basis,
        weighed=erasure_rules.weigh(request.ledger_stream, targets),
    )
    kept = ledger.remains_of(targets, request=request.ledger_ref)
    events = [approved, *([kept] if kept else []), confirmation.event()]
    for event in events:
        ledger.append(event, actor=by, subject=request)
    return request


@transaction.atomic
def decline(request: ErasureRequest, *, by: User, reason: str) -> ErasureRequest:
    """Decline a request that waits, as a second person; nothing goes.

    Raises PermissionDenied, ErasureStateError, SecondPersonError or ReasonMissingError.
    """
    require_steward(by, request.project)

    request = locked(request)
    if request.state != State.REQUESTED:
        raise ErasureStateError(request.get_state_display(), asked="declined")
    if request.requested_by_id == by.pk:
        raise SecondPersonError("approves or declines it")
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissingError

    request.state, request.decline_reason = State.DECLINED, reason.strip()
    request.decided_by, request.decided_at = by, timezone.now()
    request.save(update_fields=["state", "decided_by", "decided_at", "decline_reason"])

    ledger.append(
        ErasureDeclined(
            request=request.ledger_ref,
            content_hash=request.content_hash,
            declined_by=by.ledger_ref,
        ),
        actor=by,
        subject=request,
        reason=request.decline_reason,
    )
    return request


def locked(request: ErasureRequest) -> ErasureRequest:
    """Lock the request and what holds and erases, and return it as it is stored now.

    Keys of the row stay shareable: an append that commits meanwhile never waits for us.
    """
    holds.lock()
    rows = ErasureRequest.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("project", "requested_by", "decided_by").get(pk=request.pk)


def _require_signed(request: ErasureRequest, confirmation: Confirmation, *, by: User) -> None:
    """Refuse a confirmation that is not this person's, or not of exactly this request."""
    is_theirs = confirmation.signer == by.ledger_ref
    if not is_theirs or list(confirmation.items) != [signed_item(request)]:
        raise ErasureChangedError


def _weigh(request: ErasureRequest) -> list[ledger.Target]:
    """Refuse what the rules refuse by now; return the entries, each as it was prepared."""
    content, stream = content_of(request), request.ledger_stream
    if request.kind == Kind.SUBJECT_KEY:
        found = subjects.described(request.subject_ref)
        if (found.stream, found.key) != (stream, content["key"]):
            raise ErasureChangedError
        erasure_rules.require_subject_may_go(
            found, ref=request.subject_ref, is_duty=request.is_duty
        )
        return []
    targets = erasure_rules.targets_of(content, stream)
    if len(targets) != len(content["positions"]):
        raise ErasureChangedError
    erasure_rules.require_erasable(targets)
    erasure_rules.require_free(stream, targets)
    if not request.is_duty:
        erasure_rules.require_due(stream, targets)
    return targets
