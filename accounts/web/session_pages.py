"""Sessions: whether the own one goes on, everybody's as a list, and ending them."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

import ledger
from accounts import sessions
from accounts.http import current_limits, current_session, current_user
from accounts.middleware import LOCKED_KEY
from accounts.models import Session
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.filters import SessionFilter
from accounts.web.lists import page_of

NOT_SIGNED_IN = {"code": "not_signed_in", "message": "Sign in first."}


@never_cache
@require_POST
def activity(request: HttpRequest) -> JsonResponse:
    """Note, as middleware has done by now, that the person is there; tell what is left."""
    return JsonResponse(_left(request))


@login_not_required
@never_cache
@require_GET
def status(request: HttpRequest) -> JsonResponse:
    """Tell how long the session goes on, without prolonging it; 401 when there is none."""
    if not request.user.is_authenticated:
        return JsonResponse(NOT_SIGNED_IN, status=401)
    return JsonResponse(_left(request))


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the screen: the session ends, the page says how to come back."""
    session = current_session(request)
    sessions.end(session, how=Session.End.LOCKED, by=current_user(request))
    request.session.flush()
    request.session[LOCKED_KEY] = {"session": str(session.pk), "back": ""}
    return redirect("accounts:locked")


@require_safe
def sessions_list(request: HttpRequest) -> HttpResponse:
    """List everybody's sessions for those who may see them."""
    user = current_user(request)
    require_organisation_permission(user, "view_sessions")
    rows = Session.objects.select_related("user", "device")
    found = SessionFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([session.ledger_ref for session in page]),
        "may_end": has_organisation_permission(user, "manage_people"),
        "own_session": current_session(request),
        "running": Session.objects.running().count(),
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
def end(request: HttpRequest, pk: str) -> HttpResponse:
    """End a session, effective at once."""
    user = current_user(request)
    session = get_object_or_404(Session.objects.select_related("user"), pk=pk)
    sessions.revoke(session, by=user)
    messages.success(request, f"The session of {session.user.printed_name} has ended.")
    if session.user_id == user.pk:
        return redirect("accounts:my_record")
    return redirect("accounts:person", session.user_id)


def _left(request: HttpRequest) -> dict[str, object]:
    """Return the seconds left until the idle and the absolute limit, never below zero."""
    session, limits = current_session(request), current_limits(request)
    now = timezone.now()
    idle = session.last_activity + timedelta(seconds=limits.idle)
    longest = session.login_at + timedelta(seconds=limits.absolute)
    return {
        "state": "open",
        "idle_seconds_left": max(0, int((idle - now).total_seconds())),
        "absolute_seconds_left": max(0, int((longest - now).total_seconds())),
        "server_time": now.isoformat(),
    }
