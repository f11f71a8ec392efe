"""Programs call with `Authorization: Bearer …`; a view that names no scope refuses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

import ledger
from accounts import services
from accounts.models import Caller, Token

SCHEME = "bearer"
API = "/api/"


class BearerMiddleware:
    """Let calls with a token be the program's alone: no session counts beside it.

    What such a call records names the token as its session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.bearer = None  # type: ignore[attr-defined]  # read by BearerToken
        secret = _shown(request)
        if secret is None or not request.path_info.startswith(API):
            return self.get_response(request)
        request.user = AnonymousUser()
        token = services.find(secret, timezone.now())
        request.bearer = token  # type: ignore[attr-defined]
        if token is None:
            return self.get_response(request)
        with ledger.origin(session=token.ledger_ref):
            return self.get_response(request)


class BearerToken(BaseAuthentication):
    """The program behind a token; a token that opens nothing is 401, whatever its fault."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        if _shown(request._request) is None:  # noqa: SLF001  Django's own
            return None
        token: Token | None = request._request.bearer  # type: ignore[attr-defined]  # noqa: SLF001
        if token is None:
            raise AuthenticationFailed("This token opens nothing: ask its owner for another.")
        services.used(token, timezone.now())
        return Caller(token), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ScopeNamed(BasePermission):
    """People pass; a program passes where the view names a scope that its token has."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the call may go on; raise PermissionDenied, which is recorded."""
        if not isinstance(request.user, Caller):
            return True
        scopes: dict[str, str] = getattr(view, "scopes", {})
        wanted = scopes.get(str(request.method))
        if wanted is None:
            raise PermissionDenied("This is done by people, signed in; no token opens it.")
        if not request.user.may(wanted):
            raise PermissionDenied(f"This token was not given {wanted}; ask its owner.")
        return True


def _shown(request: HttpRequest) -> str | None:
    """Return the secret that the call shows, or None where it shows none."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == SCHEME else None
