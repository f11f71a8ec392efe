"""Review access as administrators do, for tests of what comes of it."""

from accounts import access_review, signing
from accounts.access_review import END, KEEP, Decision
from accounts.models import AccessReview, Membership, User
from accounts.signing import Confirmation
from tests.factories import PASSWORD


def decided(*ended: Membership) -> dict[str, Decision]:
    """Return a decision on every role: these end, the others are kept."""
    said = {}
    for held in Membership.objects.current():
        verdict = END if held in ended else KEEP
        said[held.ledger_ref] = Decision(verdict=verdict, reason=f"{verdict} it")
    return said


def prepared(by: User, *ended: Membership) -> AccessReview:
    seen = access_review.digest(access_review.snapshot())
    return access_review.prepare(decided(*ended), by=by, seen=seen)


def signed(review: AccessReview, *, by: User | None = None) -> Confirmation:
    signer = by or review.prepared_by
    asked = signing.issue(
        by=signer,
        items=[access_review.signed_item(review)],
        meaning="responsibility",
        statement=access_review.STATEMENT,
        stream="localhost/ledger/org",
    )
    return signing.confirm(asked, by=signer, identifier=signer.email, password=PASSWORD)


def completed(by: User, *ended: Membership) -> AccessReview:
    review = prepared(by, *ended)
    return access_review.complete(review, by=by, confirmation=signed(review))
