"""Record who did not get in; who did is recorded where sessions begin."""

from django.db import transaction

import ledger
from accounts import alerts
from accounts.events.sign_in import LockedOut, LoginFailed
from accounts.identifiers import skeleton
from accounts.models import Alert, User

ANYBODY = "accounts.anonymous:unknown"


@transaction.atomic
def record_failure(account: str, *, failure_class: str) -> None:
    """Record that somebody did not get in as `account`; what was typed is not kept."""
    ledger.append(
        LoginFailed(failure_class=failure_class), actor=ANYBODY, subject=_claimed(account)
    )


@transaction.atomic
def record_lockout(account: str, *, failures: int, seconds: int) -> None:
    """Record that tries to sign in as `account` are refused for `seconds`; raise an alert."""
    claimed = _claimed(account)

    alerts.raise_(
        Alert.Kind.LOCKOUT, about=claimed if isinstance(claimed, str) else claimed.ledger_ref
    )

    ledger.append(LockedOut(failures=failures, seconds=seconds), actor=ANYBODY, subject=claimed)


def _claimed(account: str) -> User | str:
    """Return the person whom `account` names, or nobody known."""
    return User.objects.filter(identifier=skeleton(account)).first() or ANYBODY
