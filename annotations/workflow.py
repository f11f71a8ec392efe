"""The workflow of an item: which step leads where, one row lock and one entry per step."""

from datetime import datetime

from django.db import transaction

import ledger
from accounts import data_permissions
from accounts.models import User
from annotations.errors import StaleVersionError, WorkflowError
from annotations.events import WorkflowTransition
from annotations.models import Item

State = Item.State

# Rejected work comes back only by an explicit reopening; so does accepted work, with a reason.
STEPS: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.IN_REVIEW, State.REJECTED}),
    State.IN_REVIEW: frozenset(
        {State.IN_REVIEW, State.ACCEPTED, State.CORRECTED_AND_ACCEPTED, State.REJECTED}
    ),
    State.REJECTED: frozenset({State.DRAFT}),
    State.ACCEPTED: frozenset({State.DRAFT}),
    State.CORRECTED_AND_ACCEPTED: frozenset({State.DRAFT}),
}


def locked(item: Item) -> Item:
    """Lock the item's row until the transaction ends and return it as it is stored now."""
    return (
        Item.objects.select_for_update(of=("self",))
        .select_related("project", "series__subject", "protocol")
        .get(pk=item.pk)
    )


def locked_for_work(item: Item) -> Item:
    """Lock the item as `locked` does, for work on its images.

    Raises NotPermittedError without a current data permission for its subject.
    """
    item = locked(item)
    data_permissions.require(
        item.project,
        purpose=data_permissions.Purpose.ANNOTATION,
        subject=item.series.subject,
    )
    return item


def require_version(item: Item, version: int, *, asked: str) -> None:
    """Refuse unless the person acted on the version that is stored (StaleVersionError)."""
    if item.version != version:
        raise StaleVersionError(item, asked=asked, seen=version)


@transaction.atomic
def record(refusal: WorkflowError, *, by: User) -> None:
    """Record a refusal that a page answers itself; others are recorded on their way out."""
    event, subject = refusal.entry()

    ledger.append(event, actor=by, subject=subject)


def move(item: Item, state: str, *, at: datetime) -> WorkflowTransition:
    """Store the item's new state and next version; return the event that will say so.

    The database refuses a step that `STEPS` does not have.
    """
    previous = str(item.state)
    item.state = str(state)  # canonical JSON takes plain texts, no members of an enumeration
    item.version += 1
    item.changed_at = at
    item.save(update_fields=["state", "version", "changed_at", "reviewer", "nothing_to_mark"])
    return WorkflowTransition(
        previous_state=previous,
        state=item.state,
        item_version=item.version,
        nothing_to_mark=item.nothing_to_mark,
        annotator=f"accounts.user:{item.annotator_id}",
        reviewer=f"accounts.user:{item.reviewer_id}" if item.reviewer_id else None,
        series=f"annotations.series:{item.series_id}",
    )
