"""Review: a second person decides about a reading and signs for the decision."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.models import User
from accounts.permissions import require_permission
from accounts.signing import Confirmation
from accounts.training import require_current_training
from annotations import marks, sealing, signatures, workflow
from annotations.errors import (
    NothingChangedError,
    OtherRequestError,
    OtherReviewerError,
    OwnWorkError,
    ReasonMissingError,
    WrongStateError,
)
from annotations.events import ReviewSubmitted
from annotations.marks import Drawing
from annotations.models import Item, Review, Signature

State = Item.State
Decision = Review.Decision


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a reviewer says: accept, reject or correct; why; and the corrected drawing."""

    decision: str
    reason: str = ""
    drawing: Drawing | None = None


@ledger.again_if_crossed
@transaction.atomic
def decide(item: Item, *, by: User, version: int, verdict: Verdict) -> Item:
    """Record the reviewer's decision about exactly `version` of the reading.

    A rejection returns the reading to its annotator; acceptance and correction wait for the
    reviewer's signature.  Raises PermissionDenied, TrainingNotCurrentError,
    NotPermittedError, OwnWorkError,
    OtherReviewerError, WrongStateError, StaleVersionError, ReasonMissingError,
    NothingChangedError or InvalidAnnotationError.
    """
    require_permission(by, "review", item.project)
    require_current_training(by, item.project)

    item = workflow.locked_for_work(item)
    _require_reviewable(item, by, version)
    _require_reason(verdict)
    found = _corrections(item, verdict)

    work = sealing.Work(
        item=item,
        author=by,
        at=timezone.now(),
        reason_code="review",
        reason=verdict.reason,
        viewed=verdict.drawing.viewed if verdict.drawing else None,
    )
    revisions = sealing.seal(found, work=work)
    review = _review(work, verdict)
    item.reviewer = by
    state = State.REJECTED if verdict.decision == Decision.REJECT else State.IN_REVIEW
    transition = workflow.move(item, state, at=work.at)
    item.drafts.filter(author=by).delete()

    told = [
        (sealing.event_of(revision, change, work), sealing.subject(revision, item))
        for revision, change in zip(revisions, found, strict=True)
    ]
    ledger.append_many(
        [*told, (_event_of(review, version), item), (transition, item)], actor=by
    )
    return item


def _require_reviewable(item: Item, by: User, version: int) -> None:
    if item.annotator_id == by.pk:
        raise OwnWorkError(item)
    workflow.require_version(item, version, asked="reviewed")
    if item.state not in {State.SUBMITTED, State.IN_REVIEW}:
        raise WrongStateError(item, asked="reviewed")
    if item.reviewer_id not in {None, by.pk}:
        raise OtherReviewerError(item)


def _require_reason(verdict: Verdict) -> None:
    is_accepted = verdict.decision == Decision.ACCEPT
    if not is_accepted and len(verdict.reason.strip()) < sealing.SHORTEST_REASON:
        raise ReasonMissingError("rejecting or correcting a reading")


def _corrections(item: Item, verdict: Verdict) -> list[sealing.Change]:
    if verdict.decision != Decision.CORRECT:
        return []
    drawing = verdict.drawing or Drawing()
    marks.check_viewed(drawing.viewed, frames=item.series.frames)
    found = sealing.changes(item, drawing.marks, reason=verdict.reason)
    if not found:
        raise NothingChangedError(item)
    item.nothing_to_mark = not drawing.marks
    return found


def _review(work: sealing.Work, verdict: Verdict) -> Review:
    item = work.item
    key = uuid.uuid4()
    current = [r for r in sealing.newest(item) if not r.retired]
    content = ledger.canonical(
        {
            "schema": "review.decision/1",
            "record_id": f"annotations.review:{key}",
            "item": item.ledger_ref,
            "item_version": item.version,
            "decision": str(verdict.decision),
            "reason": verdict.reason.strip() or None,
            "nothing_to_mark": item.nothing_to_mark,
            "revisions": [
                {"record_id": r.record_id, "version": r.number, "content_hash": r.content_hash}
                for r in current
            ],
            "reviewer": work.author.ledger_ref,
            "at": sealing.written(work.at),
        }
    )
    return Review.objects.create(
        pk=key,
        item=item,
        reviewer=work.author,
        decision=str(verdict.decision),
        reason=verdict.reason.strip(),
        content=content,
        content_hash=ledger.sha256_hex(content),
        created_at=work.at,
    )


def _event_of(review: Review, version: int) -> ReviewSubmitted:
    return ReviewSubmitted(
        record_id=review.ledger_ref,
        version=1,
        content_hash=review.content_hash,
        item=f"annotations.item:{review.item_id}",
        item_version=version,
        decision=review.decision,
        blinded=False,
    )


@ledger.again_if_crossed
@transaction.atomic
def sign(item: Item, *, by: User, version: int, confirmation: Confirmation) -> Signature:
    """Sign the decision and every revision it is about; the reading is accepted from here on.

    `confirmation` is what accounts.signing.confirm returned for a request about exactly this
    review.  Raises PermissionDenied, TrainingNotCurrentError, NotPermittedError,
    StaleVersionError, WrongStateError, OtherReviewerError, OtherRequestError or
    SigningExpiredError; then nothing is signed.
    """
    require_permission(by, "sign", item.project)
    require_current_training(by, item.project)

    item = workflow.locked_for_work(item)
    workflow.require_version(item, version, asked="signed")
    if item.state != State.IN_REVIEW:
        raise WrongStateError(item, asked="signed")
    if item.reviewer_id != by.pk:
        raise OtherReviewerError(item)
    subject = signatures.to_sign(item)
    if confirmation.signer != by.ledger_ref or list(confirmation.items) != subject.items:
        raise OtherRequestError(item)

    now = timezone.now()
    signature = signatures.store(subject.review, confirmation, by=by, at=now)
    transition = workflow.move(item, _accepted_state(item), at=now)

    ledger.append(transition, actor=by, subject=item)
    ledger.append(confirmation.event(), actor=by, subject=item)
    return signature


def _accepted_state(item: Item) -> str:
    """Corrected means: somebody else than the annotator made a newest revision."""
    if any(revision.author_id != item.annotator_id for revision in sealing.newest(item)):
        return State.CORRECTED_AND_ACCEPTED
    return State.ACCEPTED


@ledger.again_if_crossed
@transaction.atomic
def reopen(item: Item, *, by: User, version: int, reason: str) -> Item:
    """Give accepted work back to its annotator; what was signed is superseded, and kept.

    Raises PermissionDenied, TrainingNotCurrentError, OwnWorkError, StaleVersionError,
    WrongStateError or ReasonMissingError.
    """
    require_permission(by, "review", item.project)
    require_current_training(by, item.project)

    item = workflow.locked(item)
    if item.annotator_id == by.pk:
        raise OwnWorkError(item)
    workflow.require_version(item, version, asked="reopened")
    if not item.is_accepted:
        raise WrongStateError(item, asked="reopened")
    if len(reason.strip()) < sealing.SHORTEST_REASON:
        raise ReasonMissingError("reopening accepted work")

    now = timezone.now()
    superseded = signatures.supersede(item, by=by, cause=reason.strip(), at=now)
    item.reviewer = None
    transition = workflow.move(item, State.DRAFT, at=now)

    for event in superseded:
        ledger.append(event, actor=by, subject=item)
    ledger.append(transition, actor=by, subject=item, reason=reason.strip())
    return item
