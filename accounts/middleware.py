"""Before each page and call: is the session still good, and where does the act come from?"""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone

import ledger
from accounts import clients, sessions
from accounts.errors.sign_in import SessionEndedError
from accounts.http import (
    SESSION_KEY,
    client_address,
    current_limits,
    current_memberships,
    current_user,
    is_mobile,
)
from accounts.models import Membership, Session

GetResponse = Callable[[HttpRequest], HttpResponse]
NO_SESSION = UUID(int=0)
LOCKED_KEY = "accounts.locked"  # in the session that follows a locked one: what was locked
READING = {"GET", "HEAD", "OPTIONS"}
PROGRAM_PATHS = ("/api/", "/session/")  # answered in JSON; reading there is no act of a person


class SessionLimitsMiddleware:
    """End sessions that ran out, refuse those that ended, note the acts of the others."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.work_session = None  # type: ignore[attr-defined]  # read by accounts.http
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = timezone.now()
        session = self._session(request, now)
        if session is None or session.ended_at is not None:
            return _locked(request, session)
        if _is_act(request):
            sessions.moved(session, now)
        request.work_session = session  # type: ignore[attr-defined]
        if current_user(request).temporary_password and not _leads_to_own_password(request):
            return _own_password_first(request)
        return self.get_response(request)

    def _session(self, request: HttpRequest, now: datetime) -> Session | None:
        """Return the session behind `request`, ended if it has just run out."""
        user = current_user(request)
        found = Session.objects.select_related("device").filter(user_id=user.pk)
        session = found.filter(pk=request.session.get(SESSION_KEY, NO_SESSION)).first()
        if session is None or session.ended_at is not None:
            return session
        session.user = user  # who was read for this request already
        limit = sessions.overdue(session, now, current_limits(request))
        if limit is None:
            return session
        with ledger.origin(session=str(session.pk), address=client_address(request)):
            try:
                return sessions.end(session, how=limit, by=sessions.LIMITS_ACTOR)
            except SessionEndedError:  # another request of the same browser was first
                return found.get(pk=session.pk)
            except ledger.RecordHeldError:  # its end goes on record once something can
                return None


class OriginMiddleware:
    """Tell the ledger the session, device, address and role of whoever acts."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session: Session | None = request.work_session  # type: ignore[attr-defined]
        device = session.device if session else None
        if session:
            _renew_key(request, session)
        client = clients.Client(
            registered=device is not None and device.is_held, mobile=is_mobile(request)
        )
        with (
            clients.acting_from(client if session else None),
            ledger.origin(
                session=str(session.pk) if session else None,
                device=device.ledger_ref if device else None,
                address=client_address(request),
                roles=roles_by_stream(current_memberships(request)) if session else None,
            ),
        ):
            return self.get_response(request)


def _renew_key(request: HttpRequest, session: Session) -> None:
    """Give the browser a new key where its person may do something else than before.

    A page does it, never a poll or a frame: those go side by side, and one that still came
    with the old key would sign the person out.
    """
    to_be_read = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if not _is_page(request) or not to_be_read:
        return
    if sessions.changes_authority(session, sessions.authority(current_memberships(request))):
        request.session.cycle_key()


def roles_by_stream(memberships: Collection[Membership]) -> dict[str, str]:
    """Return the roles acted in: under each project's id those held there, with those for
    the organisation; under "" all.
    """
    places = {str(held.project_id) for held in memberships if held.project_id}
    acted_in = {
        place: {h.role for h in memberships if str(h.project_id or place) == place}
        for place in places
    }
    acted_in[""] = {held.role for held in memberships}
    return {place: "+".join(sorted(roles)) for place, roles in acted_in.items() if roles}


def _is_act(request: HttpRequest) -> bool:
    """Tell whether a person did something: polls, frames and prefetches are no acts."""
    headers = request.headers
    if headers.get("X-Poll") == "1" or "prefetch" in headers.get("Sec-Purpose", ""):
        return False
    if request.method not in READING:
        return True
    if request.path_info.startswith(PROGRAM_PATHS):
        return False
    to_be_read = headers.get("Sec-Fetch-Dest", "document") == "document"
    return to_be_read or headers.get("HX-Request") == "true"


def _locked(request: HttpRequest, session: Session | None) -> HttpResponse:
    """Forget the person in this browser and say so, in the form the caller understands."""
    request.session.flush()
    if session is not None and session.ended_at is not None:
        request.session[LOCKED_KEY] = {
            "session": str(session.pk),
            "back": request.get_full_path() if _is_page(request) else "",
        }
    locked_url = reverse("accounts:locked")
    if request.path_info.startswith(PROGRAM_PATHS):
        message = "The session has ended. Sign in again; drafts are kept."
        body = {"code": "session_ended", "message": message, "locked_url": locked_url}
        return JsonResponse(body, status=401)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": locked_url})
    return HttpResponseRedirect(locked_url)


def _is_page(request: HttpRequest) -> bool:
    """Tell whether coming back to this address repeats nothing."""
    plain = request.method == "GET" and request.headers.get("HX-Request") != "true"
    return plain and not request.path_info.startswith(PROGRAM_PATHS)


def _leads_to_own_password(request: HttpRequest) -> bool:
    allowed = {"accounts:password", "accounts:lock", "accounts:status", "accounts:activity"}
    paths = {reverse(name) for name in (*allowed, "account_logout")}
    return request.path_info in paths


def _own_password_first(request: HttpRequest) -> HttpResponse:
    """Let somebody whose password another person chose do nothing before choosing one."""
    if request.path_info.startswith(PROGRAM_PATHS):
        message = "Choose your own password first, on the page for it."
        return JsonResponse({"code": "temporary_password", "message": message}, status=403)
    return HttpResponseRedirect(reverse("accounts:password"))
