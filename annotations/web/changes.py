"""What changed while somebody was looking: the versions they saw beside those there are."""

from typing import Any

from accounts.signing import Confirmation
from annotations import readings
from annotations.models import Item, Review, Revision
from annotations.web.drawings import drawing_of


def since_shown(item: Item, confirmation: Confirmation) -> dict[str, Any]:
    """Return what was put before the signer beside what stands now, record by record."""
    item = Item.objects.select_related("project", "series__subject").get(pk=item.pk)
    revisions = {
        (r.record_id, r.number): r
        for r in Revision.objects.filter(annotation__item=item).select_related(
            "author", "instance"
        )
    }
    seen = {
        said.record_id: revisions.get((said.record_id, said.version))
        for said in confirmation.items
    }
    now = {r.record_id: r for r in readings.standing(item)}
    records = sorted(key for key in {*seen, *now} if key.startswith("annotations.annotation:"))
    reviews = {one.ledger_ref: one for one in Review.objects.filter(item=item)}
    return {
        "item": item,
        "project": item.project,
        "review": max(reviews.values(), key=lambda one: one.created_at),
        "seen_review": next((reviews[key] for key in seen if key in reviews), None),
        "rows": [_row(seen.get(key), now.get(key)) for key in records],
    }


def _row(seen: Revision | None, now: Revision | None) -> dict[str, Any]:
    return {
        "seen": seen,
        "now": now,
        "is_new": seen is None or now is None or seen.pk != now.pk,
        "seen_drawing": drawing_of(seen) if seen else None,
        "now_drawing": drawing_of(now) if now else None,
    }
