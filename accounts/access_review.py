"""Review who holds what: decide on every role, sign it, and what is ended ends with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import roles
from accounts.errors.access_review import AccessChangedError, ReviewStateError, UndecidedError
from accounts.events.access_review import AccessReviewCompleted
from accounts.models import AccessReview, Membership, User
from accounts.models.access_review import REVIEWED_EVERY
from accounts.permissions import require_organisation_permission
from accounts.signing import Confirmation, SignedItem

STATEMENT = "I looked at every account and role listed, and decided on each as shown."
KEEP, END = "keep", "end"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of one role, and why."""

    verdict: str  # keep, end
    reason: str


def snapshot() -> dict[str, Any]:
    """Return every open account and every role held now, in one order."""
    accounts = User.objects.filter(is_active=True).order_by("pk")
    held = Membership.objects.current().select_related("user", "project").order_by("pk")
    return {
        "accounts": [[user.ledger_ref, user.email, user.printed_name] for user in accounts],
        "roles": [
            [one.ledger_ref, one.user.ledger_ref, one.role, one.scope, one.expiry]
            for one in held
        ],
    }


def digest(shot: Mapping[str, Any]) -> str:
    """Return the hash by which a list is compared with what is held now."""
    return ledger.sha256_hex(ledger.canonical(dict(shot)))


@transaction.atomic
def prepare(decisions: Mapping[str, Decision], *, by: User, seen: str) -> AccessReview:
    """Write down what `by` decided on each role, by its reference, for them to sign.

    `seen` is the digest of the list they looked at.  Raises PermissionDenied,
    AccessChangedError or UndecidedError.
    """
    require_organisation_permission(by, "review_access")

    shot = snapshot()
    if digest(shot) != seen:
        raise AccessChangedError
    refs = [row[0] for row in shot["roles"]]
    decided = [decisions.get(ref) for ref in refs]
    sound = [d for d in decided if d and d.verdict in {KEEP, END} and d.reason.strip()]
    if len(sound) < len(refs):
        raise UndecidedError(len(refs) - len(sound))

    key = uuid.uuid4()
    verdicts = [[ref, d.verdict, d.reason.strip()] for ref, d in zip(refs, sound, strict=True)]
    content = ledger.canonical(
        {
            "schema": "access.review/1",
            "record_id": f"accounts.access_review:{key}",
            "reviewed_by": by.ledger_ref,
            **shot,
            "decisions": verdicts,
        }
    )
    ended = sum(d.verdict == END for d in sound)
    return AccessReview.objects.create(
        pk=key,
        prepared_by=by,
        prepared_at=timezone.now(),
        content=content.decode(),
        content_hash=ledger.sha256_hex(content),
        accounts=len(shot["accounts"]),
        kept=len(sound) - ended,
        ended=ended,
    )


def signed_item(review: AccessReview) -> SignedItem:
    """Return what a signature of this review binds: the list with its decisions, as shown."""
    view = {
        "schema": "display.view/1",
        "record_id": review.ledger_ref,
        "version": 1,
        "content_hash": review.content_hash,
        "pixel_sha256": [],
        "labels": [],
        "window": [],
    }
    return SignedItem(
        record_id=review.ledger_ref,
        version=1,
        content_hash=review.content_hash,
        displayed_hash=ledger.sha256_hex(ledger.canonical(view)),
    )


@transaction.atomic
def complete(review: AccessReview, *, by: User, confirmation: Confirmation) -> AccessReview:
    """Sign the review, and end every role that it ends, in one transaction.

    Raises PermissionDenied, ReviewStateError, AccessChangedError, SigningExpiredError, or what
    `roles.revoke` refuses; then nothing is signed and no role has ended.
    """
    require_organisation_permission(by, "review_access")

    rows = AccessReview.objects.select_for_update(of=("self",), no_key=True)
    review = rows.get(pk=review.pk)
    content = review.content.encode()
    signed = list(confirmation.items) == [signed_item(review)]
    if review.prepared_by_id != by.pk or confirmation.signer != by.ledger_ref or not signed:
        raise ReviewStateError
    if review.signed_at or ledger.sha256_hex(content) != review.content_hash:
        raise ReviewStateError
    said = ledger.parse(content)
    now_held = snapshot()
    if any(said[part] != now_held[part] for part in now_held):
        raise AccessChangedError

    _end(said["decisions"], by=by)
    review.signed_at = timezone.now()
    review.save(update_fields=["signed_at"])

    for event in (_completed(review), confirmation.event()):
        ledger.append(event, actor=by, subject=review)
    return review


def _end(decisions: list[list[str]], *, by: User) -> None:
    """Carry out what was decided; whatever a rule refuses takes everything back."""
    ended = {ref.partition(":")[2]: why for ref, verdict, why in decisions if verdict == END}
    held = Membership.objects.filter(pk__in=ended).select_related("user", "project")
    for membership in held.order_by("pk"):
        roles.revoke(membership, by=by, reason=ended[str(membership.pk)])


def _completed(review: AccessReview) -> AccessReviewCompleted:
    assert review.signed_at is not None
    due = (review.signed_at + REVIEWED_EVERY).astimezone(UTC)
    return AccessReviewCompleted(
        record_id=review.ledger_ref,
        version=1,
        content_hash=review.content_hash,
        accounts=review.accounts,
        kept=review.kept,
        ended=review.ended,
        next_due=due.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    )
