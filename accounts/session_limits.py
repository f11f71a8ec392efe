"""Set how long sessions go on at this site: a recorded setting with a reason."""

from django.db import IntegrityError, transaction
from django.utils import timezone

import ledger
from accounts.errors.base import ReasonMissingError
from accounts.errors.session_limits import (
    LimitsChangedError,
    LimitsOutOfRangeError,
    LimitsUnchangedError,
)
from accounts.events.session_limits import SessionLimitsSet
from accounts.models import SessionLimits, User
from accounts.models.session_limits import (
    LEAST_ABSOLUTE,
    LEAST_IDLE,
    MOST_ABSOLUTE,
    MOST_IDLE,
    Limits,
)
from accounts.permissions import require_organisation_permission

SITE = "site"
MINUTE, HOUR = 60, 3_600


@transaction.atomic
def set_limits(wanted: Limits, *, by: User, reason: str, seen: int | None = None) -> None:
    """Let every session, the running ones too, end after these times from now on.

    `seen` is the number of the setting that `by` looked at (0: none yet).  Raises
    PermissionDenied, ReasonMissingError, LimitsOutOfRangeError, LimitsUnchangedError or
    LimitsChangedError; then nothing has changed and nothing is recorded.
    """
    require_organisation_permission(by, "set_session_limits")

    if not reason.strip():
        raise ReasonMissingError
    _require_range(wanted)
    before, number = SessionLimits.objects.in_force(), newest_number()
    if seen not in {None, number}:
        raise LimitsChangedError
    if wanted == before:
        raise LimitsUnchangedError

    made = _made(wanted, number=number + 1, by=by)

    ledger.append(
        SessionLimitsSet(
            number=made.number,
            scope=SITE,
            idle_seconds=wanted.idle,
            absolute_seconds=wanted.absolute,
            previous_idle_seconds=before.idle,
            previous_absolute_seconds=before.absolute,
        ),
        actor=by,
        subject=made,
        reason=reason.strip(),
    )


def _made(wanted: Limits, *, number: int, by: User) -> SessionLimits:
    made = SessionLimits(
        number=number,
        idle_seconds=wanted.idle,
        absolute_seconds=wanted.absolute,
        set_by=by,
        set_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # two who set at once: the second sees the first's
        raise LimitsChangedError from None
    return made


def newest_number() -> int:
    """Return the number of the setting in force; 0 where nobody set any."""
    newest = SessionLimits.objects.order_by("-number").values_list("number", flat=True)
    return newest.first() or 0


def _require_range(wanted: Limits) -> None:
    idle = LEAST_IDLE <= wanted.idle <= MOST_IDLE and wanted.idle % MINUTE == 0
    absolute = LEAST_ABSOLUTE <= wanted.absolute <= MOST_ABSOLUTE
    if not idle or not absolute or wanted.absolute % HOUR:
        raise LimitsOutOfRangeError
