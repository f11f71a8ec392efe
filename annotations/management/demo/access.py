"""The demo's access: how long sessions last, and a review of who holds what."""

from django.conf import settings

from accounts import access_review, session_limits, signing
from accounts.access_review import KEEP, Decision
from accounts.models import AccessReview, Role, SessionLimits
from accounts.models.session_limits import Limits
from accounts.signing import Confirmation, SignedItem
from annotations.management.demo.people import Cast
from annotations.management.demo.stage import Stage

LIMITS = Limits(idle=900, absolute=36_000)
WHY_SHORTER = "Nobody reads for more than ten hours a day here"
STILL_NEEDED = "Still needed for the reference set"


def limits(stage: Stage) -> None:
    """Let sessions end after ten hours instead of twelve."""
    if SessionLimits.objects.exists():
        return
    with stage.cast.acting(Role.ADMINISTRATOR) as administrator:
        session_limits.set_limits(LIMITS, by=administrator, reason=WHY_SHORTER)


def review(stage: Stage) -> None:
    """Look at every role, keep all of them, and sign."""
    if AccessReview.objects.exists():
        return
    with stage.cast.acting(Role.ADMINISTRATOR) as administrator:
        shot = access_review.snapshot()
        keep = Decision(verdict=KEEP, reason=STILL_NEEDED)
        made = access_review.prepare(
            {row[0]: keep for row in shot["roles"]},
            by=administrator,
            seen=access_review.digest(shot),
        )
        answer = _signed(
            stage.cast,
            access_review.signed_item(made),
            statement=access_review.STATEMENT,
            place="org",
        )
        access_review.complete(made, by=administrator, confirmation=answer)


def _signed(cast: Cast, item: SignedItem, *, statement: str, place: str) -> Confirmation:
    administrator = cast[Role.ADMINISTRATOR]
    request = signing.issue(
        by=administrator,
        items=[item],
        meaning="responsibility",
        statement=statement,
        stream=f"{settings.LEDGER_SITE}/ledger/{place}",
    )
    return signing.confirm(
        request,
        by=administrator,
        identifier=administrator.email,
        password=cast.passwords[Role.ADMINISTRATOR],
    )
