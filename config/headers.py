"""Headers that every answer carries unless its view says otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

DEFAULTS = {
    "Cache-Control": "no-store",  # nobody's data stays behind in a shared browser or a proxy
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class HeadersMiddleware:
    """Fill in DEFAULTS where the answer has no value of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in DEFAULTS.items():
            response.headers.setdefault(name, value)
        return response
