"""What reviews of access must agree with in the record."""

from collections.abc import Iterable, Iterator, Mapping

import ledger
from accounts.events.access_review import AccessReviewCompleted
from accounts.records.base import Row, digest


def review_rows() -> Iterator[Row]:
    """Yield every review that was signed; what is only prepared binds nobody."""
    from accounts.models import AccessReview  # apps load before models

    for row in AccessReview.objects.completed().select_related("prepared_by").iterator():
        content = ledger.sha256_hex(row.content.encode())
        stated = (row.content_hash, row.prepared_by.ledger_ref)
        yield row.ledger_ref, _review(content, stated, (row.accounts, row.kept, row.ended))


def replay_reviews(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every review as it was recorded."""
    found = {}
    for entry in entries:
        if entry.event == AccessReviewCompleted.name:
            said = entry.payload
            sealed = said["content_hash"]
            counts = (said["accounts"], said["kept"], said["ended"])
            found[entry.subject] = _review(sealed, (sealed, entry.actor), counts)
    return found


def _review(content: str, stated: tuple[str, str], counts: tuple[int, int, int]) -> str:
    return digest({"content": content, "stated": list(stated), "counts": list(counts)})


ledger.recorded(
    "accounts.access_review",
    rows=review_rows,
    replay=replay_reviews,
    events=frozenset({AccessReviewCompleted.name}),
)
