"""Who asks, from where, and in which session: where a request becomes plain values."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from accounts import clients
from accounts.models import Caller, Device, Membership, Session, SessionLimits, User
from accounts.models.session_limits import Limits

DEVICE_COOKIE = "device"
PROOF_KEY = "accounts.device"  # in Django's session: which machine signed a challenge, when
PROOF_SECONDS = 120
BROWSER_COOKIE = "browser"  # sent to the sign-in alone
SESSION_KEY = "accounts.session"  # in Django's session: the id of ours


def current_user(request: HttpRequest) -> User:
    """Return the signed-in person behind `request`; raise PermissionDenied if there is none."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


def current_actor(request: HttpRequest) -> User | Caller:
    """Return the person or the program behind a call; raise PermissionDenied for nobody.

    For views that name a scope.  Everything else asks for `current_user`: no program is one.
    """
    user: object = request.user
    return user if isinstance(user, Caller) else current_user(request)


def current_session(request: HttpRequest) -> Session:
    """Return the running session behind `request`; raise PermissionDenied if there is none."""
    session = getattr(request, "work_session", None)
    if not isinstance(session, Session):
        raise PermissionDenied("Sign in first.")
    return session


def current_memberships(request: HttpRequest) -> list[Membership]:
    """Return the roles that the person behind `request` holds, asked once for each request.

    For showing and for the record's origin; what somebody may do is `accounts.permissions`'.
    """
    held: list[Membership] | None = getattr(request, "memberships", None)
    if held is None:
        current = Membership.objects.current().filter(user=current_user(request))
        held = list(current.select_related("project"))
        request.memberships = held  # type: ignore[attr-defined]
    return held


def current_limits(request: HttpRequest) -> Limits:
    """Return the limits of sessions in force, asked once for each request."""
    limits: Limits | None = getattr(request, "session_limits", None)
    if limits is None:
        limits = SessionLimits.objects.in_force()
        request.session_limits = limits  # type: ignore[attr-defined]
    return limits


def client_address(request: HttpRequest) -> str | None:
    """Return the network address of whoever asks, or None where it has none.

    What X-Forwarded-For says counts as far as trusted proxies (TRUSTED_PROXIES) wrote it:
    read from its end, the first address that is none of theirs.  What is left of that, anybody
    can have made up.
    """
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    address = _address(request.META.get("REMOTE_ADDR", ""))
    while address is not None and hops and _is_proxy(address):
        forwarded = _address(hops.pop())
        if forwarded is None:
            break
        address = forwarded
    return str(address) if address else None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_proxy(address: IPv4Address | IPv6Address) -> bool:
    return any(address in ip_network(proxy) for proxy in settings.TRUSTED_PROXIES)


def proven_device(request: HttpRequest) -> Device | None:
    """Return the machine that this browser showed to be, in the last two minutes; once."""
    key, at = request.session.pop(PROOF_KEY, ("", 0))
    if not key or not 0 <= timezone.now().timestamp() - at <= PROOF_SECONDS:
        return None
    found = Device.objects.filter(pk=key).exclude(browser_point="").first()
    return found if found is not None and found.is_held else None


def is_mobile(request: HttpRequest) -> bool:
    """Tell whether the browser calls itself mobile."""
    headers = request.headers
    return clients.says_mobile(
        headers.get("User-Agent", ""), headers.get("Sec-CH-UA-Mobile", "")
    )
