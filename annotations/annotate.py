"""Annotating: keep a draft, submit a reading, take rejected work up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.models import User
from accounts.permissions import require_permission
from accounts.training import require_current_training
from annotations import marks, sealing, workflow
from annotations.errors import (
    AlreadySubmittedError,
    InvalidAnnotationError,
    NotAssignedError,
    WrongStateError,
)
from annotations.marks import Drawing
from annotations.models import Draft, Item, Revision

State = Item.State


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What a submission left behind: the item as it is now and the revisions it sealed."""

    item: Item
    revisions: Sequence[Revision]


@ledger.again_if_crossed
@transaction.atomic
def save_draft(item: Item, *, by: User, content: bytes) -> datetime:
    """Keep `content` encrypted for `by`; a draft is no record and makes no entry.

    Raises PermissionDenied, TrainingNotCurrentError, NotPermittedError or WrongStateError.
    """
    is_annotator = item.annotator_id == by.pk
    require_permission(by, "annotate" if is_annotator else "review", item.project)
    require_current_training(by, item.project)

    item = workflow.locked_for_work(
        item
    )  # a late draft waits for the submission, and is refused
    open_states = {State.DRAFT} if is_annotator else {State.SUBMITTED, State.IN_REVIEW}
    if item.state not in open_states:
        raise WrongStateError(item, asked="drafted")

    box = Draft.encrypt(content, item_id=item.pk, author_id=by.pk)
    now = timezone.now()
    Draft.objects.update_or_create(
        item=item, author=by, defaults={"sealed_box": box, "saved_at": now}
    )
    return now


@ledger.again_if_crossed
@transaction.atomic
def submit(item: Item, *, by: User, version: int, drawing: Drawing, reason: str = "") -> Sealed:
    """Seal what `by` drew, one revision per changed annotation, and hand it to review.

    Whoever got no answer may send it again: what is already sealed is returned as it was.
    Raises PermissionDenied, TrainingNotCurrentError, NotPermittedError, NotAssignedError,
    WrongStateError, AlreadySubmittedError, StaleVersionError, InvalidAnnotationError or
    ReasonMissingError; then nothing is sealed.
    """
    require_permission(by, "annotate", item.project)
    require_current_training(by, item.project)

    item = workflow.locked_for_work(item)
    if item.annotator_id == by.pk and item.state == State.SUBMITTED:
        sealed = sealing.sealed_before(item, version, drawing, reason=reason)
        if sealed is not None:
            return Sealed(item=item, revisions=sealed)
    _require_open(item, by, version)
    _require_answer(item, drawing)
    found = sealing.changes(item, drawing.marks, reason=reason)

    work = sealing.Work(
        item=item,
        author=by,
        at=timezone.now(),
        reason_code="correction",
        reason=reason,
        viewed=drawing.viewed,
    )
    revisions = sealing.seal(found, work=work)
    item.nothing_to_mark = drawing.nothing_to_mark
    transition = workflow.move(item, State.SUBMITTED, at=work.at)
    item.drafts.filter(author=by).delete()

    told = [
        (sealing.event_of(revision, change, work), sealing.subject(revision, item))
        for revision, change in zip(revisions, found, strict=True)
    ]
    ledger.append_many([*told, (transition, item)], actor=by)
    return Sealed(item=item, revisions=revisions)


def _require_open(item: Item, by: User, version: int) -> None:
    if item.annotator_id != by.pk:
        raise NotAssignedError(item)
    if item.state != State.DRAFT and version < item.version:
        raise AlreadySubmittedError(item)
    if item.state != State.DRAFT:
        raise WrongStateError(item, asked="submitted")
    workflow.require_version(item, version, asked="submitted")


def _require_answer(item: Item, drawing: Drawing) -> None:
    if bool(drawing.marks) == drawing.nothing_to_mark:
        raise InvalidAnnotationError(
            "Draw something, or confirm that there is nothing to mark; one of the two."
        )
    marks.check_viewed(drawing.viewed, frames=item.series.frames)


@ledger.again_if_crossed
@transaction.atomic
def reopen(item: Item, *, by: User, version: int) -> Item:
    """Take rejected work up again: the annotator's explicit step back to a draft.

    Raises PermissionDenied, TrainingNotCurrentError, NotAssignedError, WrongStateError or
    StaleVersionError.
    """
    require_permission(by, "annotate", item.project)
    require_current_training(by, item.project)

    item = workflow.locked(item)
    if item.annotator_id != by.pk:
        raise NotAssignedError(item)
    workflow.require_version(item, version, asked="reopened")
    if item.state != State.REJECTED:
        raise WrongStateError(item, asked="reopened")

    item.reviewer = None
    transition = workflow.move(item, State.DRAFT, at=timezone.now())

    ledger.append(transition, actor=by, subject=item)
    return item
