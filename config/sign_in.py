"""Whoever is not signed in: pages lead to the sign-in, the API answers 401."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

NOT_SIGNED_IN = {"code": "not_signed_in", "message": "Sign in first."}


class SignInMiddleware(LoginRequiredMiddleware):
    """Require a person for every page and API view that does not opt out."""

    def handle_no_permission(  # type: ignore[override]  # a program is told, not sent elsewhere
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.path.startswith("/api/"):
            if getattr(request, "bearer", None) and hasattr(view_func, "cls"):
                return None  # type: ignore[return-value]  # REST framework asks for its scope
            return JsonResponse(NOT_SIGNED_IN, status=401)
        redirect = super().handle_no_permission(request, view_func)
        if "HX-Request" in request.headers:
            # htmx would draw the sign-in page inside the fragment that it asked for.
            return HttpResponse(status=401, headers={"HX-Redirect": redirect["Location"]})
        return redirect


class SessionSignIn(SessionAuthentication):
    """The person of the browser's session; without one the API's answer is 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SessionSignInScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Say in the API's description that the session's cookie signs in."""

    target_class = "config.sign_in.SessionSignIn"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Say in the API's description that a program's token is taken."""

    target_class = "accounts.api.tokens.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
