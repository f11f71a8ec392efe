"""Readings as they are shown: who may see one, what stands in it, why it came back."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import has_permission
from annotations.models import Draft, Item, Review, Revision, Signature

State = Item.State
OPEN_FOR_REVIEW = frozenset({State.SUBMITTED, State.IN_REVIEW})


@dataclass(frozen=True, kw_only=True)
class Return:
    """Why a reading came back to its annotator, who said so, and when."""

    reason: str
    by: str
    at: datetime


def mode(item: Item, *, user: User) -> str:
    """Return what `user` may do with the item now: annotate, review or view.

    Raises PermissionDenied for people of the project who have no part in it.
    """
    if item.annotator_id == user.pk and has_permission(user, "annotate", item.project):
        return "annotate" if item.state == State.DRAFT else "view"
    if has_permission(user, "review", item.project):
        is_open = item.state in OPEN_FOR_REVIEW and item.annotator_id != user.pk
        return "review" if is_open and item.reviewer_id in {None, user.pk} else "view"
    if has_permission(user, "view_records", item.project):
        return "view"
    if item.annotator_id == user.pk and has_permission(user, "view_images", item.project):
        return "view"  # their own, on a device from which they only read
    raise PermissionDenied("Other people's readings are hidden from you.")


def standing(item: Item) -> list[Revision]:
    """Return the newest revision of each annotation that is not retired, with its author."""
    newest = Revision.objects.filter(annotation__item=item).newest().select_related("author")
    standing = [revision for revision in newest if not revision.retired]
    return sorted(standing, key=lambda revision: revision.body["tracking_id"])


def draft_of(item: Item, *, user: User) -> tuple[datetime, dict[str, Any]] | None:
    """Return the time and content of the user's own draft, if there is one."""
    draft = Draft.objects.filter(item=item, author=user).first()
    return (draft.saved_at, json.loads(draft.opened())) if draft else None


def returned(item: Item) -> Return | None:
    """Return why the item is with its annotator again, if it ever came back."""
    if item.version == 1 or item.state not in {State.DRAFT, State.REJECTED}:
        return None
    review = Review.objects.filter(item=item).select_related("reviewer").last()
    if review is None:
        return None
    if review.decision == Review.Decision.REJECT:
        return Return(
            reason=review.reason, by=review.reviewer.printed_name, at=review.created_at
        )
    superseded = Signature.objects.filter(item=item, superseded_at__isnull=False).last()
    if superseded is None or superseded.superseded_at is None or not superseded.superseded_by:
        return None
    by = superseded.superseded_by.printed_name
    return Return(reason=superseded.cause, by=by, at=superseded.superseded_at)


def next_to_read(item: Item, *, user: User) -> Item | None:
    """Return the next item of the same project that waits for `user`."""
    waiting = Item.objects.filter(project=item.project_id).to_read_by(user)
    return waiting.exclude(pk=item.pk).first()
