"""Begin, watch and end sessions; every limit is measured by the server's clock."""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import ledger
from accounts.errors.sign_in import SessionEndedError
from accounts.events.sign_in import LoggedOut, LoginSucceeded, SessionRevoked, SessionTimedOut
from accounts.models import Device, Membership, Session, SessionLimits, User
from accounts.models.session_limits import Limits
from accounts.permissions import require_organisation_permission

MOST_PER_PERSON = 2
LIMITS_ACTOR = "system:session_limits"
# A clock set back by less than this is an ordinary correction, not a session from the future.
CLOCK_TOLERANCE = timedelta(seconds=2)
# Moving `last_activity` more often than this would only cost writes.
ACTIVITY_STEP = timedelta(seconds=5)

TIMEOUTS = {Session.End.IDLE, Session.End.ABSOLUTE, Session.End.CLOCK}
OWN_ENDS = {Session.End.SIGNED_OUT, Session.End.LOCKED}


@transaction.atomic
def begin(
    user: User, *, factors: tuple[str, ...], address: str | None, device: Device | None = None
) -> Session:
    """Start a session for `user`, who has just shown `factors`; end the oldest beyond two."""
    User.objects.select_for_update().get(pk=user.pk)  # two sign-ins at once count each other
    now = timezone.now()
    _end_surplus(user, now)

    session = Session.objects.create(
        user=user,
        login_at=now,
        last_activity=now,
        device=device,
        network=network(address),
        authority=authority(Membership.objects.current().filter(user=user)),
    )

    with ledger.origin(
        session=str(session.pk), device=device.ledger_ref if device else None, address=address
    ):
        ledger.append(
            LoginSucceeded(session_id=str(session.pk), factors=factors),
            actor=user,
            subject=session,
        )
    return session


def replaced_by(session: Session) -> list[Session]:
    """Return the sessions of the same person that `session` ended by being the third."""
    ended = Session.objects.filter(user=session.user_id, end=Session.End.REPLACED)
    return list(ended.filter(ended_at__gte=session.login_at).select_related("device"))


def authority(held: Iterable[Membership]) -> str:
    """Return the digest of what somebody may do by these roles."""
    return ledger.sha256_hex(" ".join(sorted(str(each.pk) for each in held)).encode())


def changes_authority(session: Session, now_held: str) -> bool:
    """Note what `session` may do now; tell whether that is other than before."""
    if session.authority == now_held:
        return False
    Session.objects.filter(pk=session.pk).update(authority=now_held)
    session.authority = now_held
    return True


def overdue(session: Session, now: datetime, limits: Limits) -> Session.End | None:
    """Return the limit that `session` has reached at `now`, or None while it may go on."""
    newest = max(session.login_at, session.last_activity)
    if newest > now + CLOCK_TOLERANCE:
        return Session.End.CLOCK
    if now - session.login_at >= timedelta(seconds=limits.absolute):
        return Session.End.ABSOLUTE
    if now - session.last_activity >= timedelta(seconds=limits.idle):
        return Session.End.IDLE
    return None


def moved(session: Session, now: datetime) -> None:
    """Note that the person did something at `now`; never moves a session that has ended."""
    if now - session.last_activity < ACTIVITY_STEP:
        return
    Session.objects.running().filter(pk=session.pk).update(last_activity=now)
    session.last_activity = now


@transaction.atomic
def end(session: Session, *, how: Session.End, by: User | str) -> Session:
    """End `session`, which is refused from the next request on.

    Raises SessionEndedError; then nothing is recorded.
    """
    session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if session.ended_at is not None:
        raise SessionEndedError

    session.ended_at = timezone.now()
    session.end = how
    session.save(update_fields=["ended_at", "end"])

    ledger.append(_ending(session), actor=by, subject=session)
    return session


def revoke(session: Session, *, by: User) -> None:
    """End another person's session, or one of one's own on another machine.

    Raises PermissionDenied or SessionEndedError; then nothing is recorded.
    """
    if session.user_id != by.pk:
        require_organisation_permission(by, "manage_people")

    end(session, how=Session.End.REVOKED, by=by)


def end_all(
    user: User, *, how: Session.End, by: User | str, keep: Session | None = None
) -> None:
    """End every running session of `user` but `keep`."""
    running = Session.objects.running().filter(user=user)
    if keep is not None:
        running = running.exclude(pk=keep.pk)
    for session in running:
        end(session, how=how, by=by)


def end_overdue(now: datetime) -> int:
    """End every session that reached a limit though nobody came back; return how many."""
    limits = SessionLimits.objects.in_force()
    running = Session.objects.running()
    found = [(s, limit) for s in running if (limit := overdue(s, now, limits))]
    for session, limit in found:
        end(session, how=limit, by=LIMITS_ACTOR)
    return len(found)


def network(address: str | None) -> str:
    """Return the keyed hash by which the record knows an address (formats.md, "Event")."""
    if not address:
        return ""
    packed = ipaddress.ip_address(address).packed
    message = b"ledger/v1 network\n" + packed
    return hmac.new(settings.LEDGER_NETWORK_KEY, message, hashlib.sha256).hexdigest()


def _end_surplus(user: User, now: datetime) -> None:
    """End what ran out, then the oldest, until there is room for one more session."""
    going_on = []
    limits = SessionLimits.objects.in_force()
    for session in Session.objects.running().filter(user=user).order_by("login_at", "pk"):
        limit = overdue(session, now, limits)
        if limit is None:
            going_on.append(session)
        else:
            end(session, how=limit, by=LIMITS_ACTOR)
    for session in going_on[: max(0, len(going_on) - MOST_PER_PERSON + 1)]:
        end(session, how=Session.End.REPLACED, by=user)


def _ending(session: Session) -> ledger.Event:
    """Return what the record says of this end."""
    how = Session.End(session.end)
    if how in TIMEOUTS:
        limits = SessionLimits.objects.in_force()
        seconds = limits.idle if how == Session.End.IDLE else limits.absolute
        return SessionTimedOut(session_id=str(session.pk), limit=how.value, seconds=seconds)
    if how in OWN_ENDS:
        return LoggedOut(session_id=str(session.pk), manner=how.value)
    return SessionRevoked(session_id=str(session.pk), cause=how.value)
