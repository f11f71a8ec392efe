"""The gate: sign in, sign out, the locked screen and the own password."""

from math import ceil
from typing import Any
from urllib.parse import urlsplit

from allauth.account.forms import LoginForm
from allauth.account.views import LoginView, LogoutView
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import devices, people
from accounts.errors.sign_in import PasswordRefusedError
from accounts.http import DEVICE_COOKIE, current_session, current_user
from accounts.identity_provider import organisations
from accounts.middleware import LOCKED_KEY
from accounts.models import Session, SessionLimits
from accounts.web.forms import PasswordForm

WHY_LOCKED = {
    Session.End.SIGNED_OUT: "You signed out",
    Session.End.LOCKED: "You locked this screen",
    Session.End.IDLE: "Locked after {idle} minutes without activity",
    Session.End.ABSOLUTE: "Locked because a session lasts {absolute} hours at most",
    Session.End.CLOCK: "Locked because the server's clock was set back",
    Session.End.REVOKED: "An administrator, or you on another screen, ended this session",
    Session.End.REPLACED: "You signed in elsewhere, and the oldest of your sessions ended",
    Session.End.ACCESS_CLOSED: "The access of this account was closed",
    Session.End.DEVICE_LOST: "The device of this session was reported lost",
    Session.End.PASSWORD_CHANGED: "The password of this account was changed",
}


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types
    """Account and password; wrong ones are answered alike, whoever exists."""

    template_name = "accounts/sign_in.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        device = devices.recognise(self.request.COOKIES.get(DEVICE_COOKIE))
        now = timezone.now()
        shown: dict[str, Any] = super().get_context_data(**context)
        return {**shown, "server_time": now, "device": device, "organisations": organisations()}

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(
            self.get_context_data(form=form), status=422
        )
        return answer


class SignOut(LogoutView):  # type: ignore[misc]
    """Ends the session; asked for by POST alone."""

    http_method_names = ["post"]


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """Say, after too many failures, that tries from here have to wait, and how long."""
    this = getattr(request, "sign_in_try", None)
    seconds = ((this and this.wait) or get_cool_off(request)).total_seconds()
    context = {"wait_minutes": max(1, ceil(seconds / 60)), "server_time": timezone.now()}
    answer = render(request, "accounts/sign_in.html", context, status=429)
    answer["Retry-After"] = str(ceil(seconds))
    return answer


@login_not_required
@never_cache
@require_safe
def locked(request: HttpRequest) -> HttpResponse:
    """Show why and when this browser was locked, and let its person back in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    note = request.session.get(LOCKED_KEY)
    if note is None:
        return redirect("account_login")
    found = Session.objects.select_related("user", "device").filter(pk=note["session"])
    session = found.first()
    if session is None:
        return redirect("account_login")
    back = note["back"] or _came_from(request)
    context = {"session": session, "back": back, "why": _why(session)}
    return render(request, "accounts/locked.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Let people choose their own password; their other sessions end."""
    user = current_user(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            people.change_password(
                user,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
                keep=current_session(request),
            )
        except PasswordRefusedError as refused:
            form.add_error("new", str(refused))
        else:
            request.session.flush()
            messages.success(request, "Your password is changed. Sign in with it now.")
            return redirect("account_login")
    status = 422 if form.errors else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that the browser locked from, or nothing."""
    referrer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referrer, {request.get_host()}):
        return ""
    path = urlsplit(referrer).path
    return "" if path in {reverse("accounts:locked"), reverse("account_login")} else path


def _why(session: Session) -> str:
    limits = SessionLimits.objects.in_force()
    return WHY_LOCKED[Session.End(session.end)].format(
        idle=limits.idle // 60, absolute=limits.absolute // 3600
    )
