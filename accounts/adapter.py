"""How django-allauth signs people in here: named people only, each try recorded."""

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.urls import reverse
from django.utils import timezone

from accounts import browsers, devices, networks, sessions, sign_in, throttling
from accounts.http import (
    BROWSER_COOKIE,
    DEVICE_COOKIE,
    SESSION_KEY,
    client_address,
    is_mobile,
    proven_device,
)
from accounts.identifiers import skeleton
from accounts.models import Session, User

PASSWORD_FACTORS = ("identifier", "password")
ORGANISATION = "organisation"  # in allauth's list of how somebody signed in


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up; who signs in gets a session of ours; who does not is recorded."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The account and the password do not match.",
    }

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        request.was_locked_out = not AxesProxyHandler.is_allowed(request, credentials)

    def authenticate(self, request: Any, **credentials: Any) -> AbstractBaseUser | None:
        """Return the person, or None: closed access is answered like a wrong password."""
        request.sign_in_try = this = throttling.begin(
            _account(credentials),
            address=client_address(request),
            browser=request.COOKIES.get(BROWSER_COOKIE),
            now=timezone.now(),
        )
        if this.wait:
            request.axes_locked_out = request.was_locked_out = True
            self.authentication_failed(request, **credentials)
            return None
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None and user.is_active:
            throttling.take_back(this)
        if user is not None and not user.is_active:
            sign_in.record_failure(_account(credentials), failure_class="access_closed")
            return None
        return user

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        account = _account(credentials)
        locked = request.was_locked_out
        sign_in.record_failure(account, failure_class="locked_out" if locked else "credentials")
        this = getattr(request, "sign_in_try", None)
        if locked and this is not None:
            throttling.take_back(this)  # nothing was tried: the password was not looked at
        elif this is not None and this.reached:
            sign_in.record_lockout(
                account if this.reached == throttling.MOST_OF_ACCOUNT else "",
                failures=this.reached,
                seconds=int(throttling.WINDOW.total_seconds()),
            )
        if getattr(request, "axes_locked_out", False) and not locked:
            sign_in.record_lockout(
                account,
                failures=get_failure_limit(request, credentials),
                seconds=int(get_cool_off(request).total_seconds()),
            )

    def post_login(self, request: Any, user: User, **more: Any) -> Any:
        """Know this browser from now on as one that the person signed in from."""
        answer = super().post_login(request, user, **more)
        key = request.COOKIES.get(BROWSER_COOKIE)
        answer.set_cookie(
            BROWSER_COOKIE,
            throttling.remember(user, browser=key, now=timezone.now()),
            max_age=throttling.KNOWN_FOR,
            path=reverse("account_login"),
            secure=settings.BEHIND_TLS,
            httponly=True,
            samesite="Strict",
        )
        return answer

    def get_client_ip(self, request: Any) -> str:
        return client_address(request) or "unknown"

    def login(self, request: Any, user: User) -> None:
        proven = proven_device(request)
        told = devices.recognise(request.COOKIES.get(DEVICE_COOKIE))
        super().login(request, user)
        session = sessions.begin(
            user,
            factors=organisation_factors(request) or PASSWORD_FACTORS,
            address=client_address(request),
            device=proven or told,
        )
        browsers.note_client(
            session,
            mobile=is_mobile(request),
            shown_by="key" if proven else "cookie" if told else "none",
        )
        networks.locate(session, address=client_address(request))
        request.session[SESSION_KEY] = str(session.pk)
        for ended in sessions.replaced_by(session):
            messages.warning(request, _told(ended))

    def logout(self, request: Any) -> None:
        session = getattr(request, "work_session", None)
        if session is not None:
            sessions.end(session, how=Session.End.SIGNED_OUT, by=session.user)
        super().logout(request)


def _told(ended: Session) -> str:
    """Return what somebody who signs in is told of the session that made room."""
    place = ended.device or "a device not on the inventory"
    return (
        f"Your oldest session has ended, because two go on at most: on {place}, "
        f"begun {ended.login_at:%-d %b, %H:%M} UTC, last used {ended.last_activity:%H:%M}. "
        "If that was not you, change your password now."
    )


def organisation_factors(request: Any) -> tuple[str, ...]:
    """Return how the organisation says it knew the person; nothing if it was not asked."""
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    told = [one["factors"] for one in records if one["method"] == ORGANISATION]
    return tuple(told[-1]) if told else ()


def is_known_browser(request: Any, credentials: dict[str, Any] | None) -> bool:
    """Tell whether the person signed in from this browser before: axes locks no such one."""
    typed = _account(credentials or {}) or request.POST.get("login", "")
    return throttling.is_known(typed, request.COOKIES.get(BROWSER_COOKIE), timezone.now())


def throttled_account(request: Any, credentials: dict[str, Any] | None) -> str:
    """Return the name under which axes counts failures: what was typed, hashed.

    Look-alikes count together, and nothing typed into the wrong field is kept.
    """
    typed = _account(credentials or {}) or request.POST.get("login", "")
    return hashlib.sha256(skeleton(typed).encode()).hexdigest()


def _account(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "")
