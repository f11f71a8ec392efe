"""A refused act: one answer for pages and API alike, and an entry after the rollback."""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

import ledger
from accounts.errors.base import AccountsError
from accounts.events.sign_in import AccessRefused
from accounts.models import Caller, Project, User
from annotations.errors import AnnotationsError

RULES = (AccountsError, AnnotationsError)
UNABLE = (ledger.RecordHeldError, ledger.CrossedError)  # nobody's refusal
REFUSALS = (PermissionDenied, *UNABLE, *RULES)
NOBODY = "accounts.anonymous:unknown"
FAULTS = {
    400: ("malformed", "The request is not in a form that this service takes."),
    403: ("forbidden", "You may not do this here."),
    404: ("not_found", "There is nothing at this address that you may see."),
    500: ("fault", "A fault on our side. Nothing was half done; try again."),
    503: (
        "unavailable",
        "The database cannot work now; what was confirmed is kept. Try later.",
    ),
}
RETRY_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What the person is told, in HTTP's terms and in words."""

    status: int
    code: str
    message: str

    def body(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message}


def answer_to(refusal: Exception) -> Answer:
    """Return the answer: 403 not allowed, 422 input that cannot be, 409 against a rule.

    503 where nothing could be written, which is nobody's refusal.
    """
    if isinstance(refusal, PermissionDenied):
        return Answer(403, "forbidden", str(refusal) or FAULTS[403][1])
    code = getattr(refusal, "code", "refused")
    if isinstance(refusal, UNABLE):
        return Answer(503, code, str(refusal))
    return Answer(422 if _is_form(refusal) else 409, code, str(refusal))


def refuse(request: HttpRequest, refusal: Exception) -> Answer:
    """Record the refusal, unless it is about the form of the input, and return the answer."""
    answer = answer_to(refusal)
    if _is_unrecorded(refusal) or getattr(refusal, "is_recorded", False):
        return answer
    own = refusal.entry() if isinstance(refusal, AnnotationsError) else None
    event, subject = own or (
        AccessRefused(act=_act(request), rule=answer.code),
        _project(request) or _subject(request),
    )
    try:
        _record(event, actor=_actor(request), subject=subject)
    except ledger.RecordHeldError as held:
        return answer_to(held)
    return answer


def _is_unrecorded(refusal: Exception) -> bool:
    """Tell whether no entry is due, or none can be written."""
    return _is_form(refusal) or isinstance(refusal, UNABLE)


def _is_form(refusal: Exception) -> bool:
    """Tell whether the input could never be; nobody tried what is not theirs to do."""
    return getattr(refusal, "is_invalid_input", False)


def _subject(request: HttpRequest) -> Any:
    """Return what a refusal outside a project is about: the person, or the token shown."""
    actor = _actor(request)
    return actor.token if isinstance(actor, Caller) else actor


@transaction.atomic
def _record(event: ledger.Event, *, actor: Any, subject: Any) -> None:
    ledger.append(event, actor=actor, subject=subject)


def _actor(request: HttpRequest) -> User | Caller | str:
    return request.user if isinstance(request.user, (User, Caller)) else NOBODY


def _act(request: HttpRequest) -> str:
    """Name what was asked for by its address's pattern, which holds nobody's data."""
    match = request.resolver_match
    return f"{request.method} /{match.route}" if match else f"{request.method}"


def _project(request: HttpRequest) -> Project | None:
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    return Project.objects.filter(slug=slug).first() if slug else None


class RefusalMiddleware:
    """Answer for every view that refuses by an exception."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, REFUSALS):
            return None
        answer = refuse(request, exception)
        if is_api(request):
            return JsonResponse(answer.body(), status=answer.status)
        page = "403.html" if isinstance(exception, PermissionDenied) else "refused.html"
        context = answer.body() | {
            "recorded": not _is_unrecorded(exception),
            "help_page": getattr(exception, "help_page", None),
        }
        return render(request, page, context, status=answer.status)


def is_api(request: HttpRequest) -> bool:
    """Tell whether a program asks, which is answered in JSON."""
    return request.path.startswith("/api/")


def api_exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Do for the REST API what RefusalMiddleware does for pages; every answer has one form."""
    if isinstance(exception, REFUSALS):
        answer = refuse(context["request"]._request, exception)  # noqa: SLF001  Django's own
        return Response(answer.body(), answer.status)
    response = exception_handler(exception, context)
    if response is None:
        return None
    if isinstance(exception, ValidationError):
        response.status_code = 422
        response.data = {"code": "invalid_input", "message": _sentence(response.data)}
    else:
        detail = response.data["detail"]
        response.data = {"code": detail.code, "message": str(detail)}
    return response


def _sentence(detail: Any, name: str = "") -> str:
    """Return a serializer's findings, however nested, as one text: “field: what is wrong”."""
    if isinstance(detail, dict):
        parts = [_sentence(inner, f"{name}.{key}".lstrip(".")) for key, inner in detail.items()]
    elif isinstance(detail, list):
        parts = [_sentence(inner, name) for inner in detail]
    else:
        return f"{name}: {detail}" if name and not name.endswith("errors") else str(detail)
    return " ".join(part for part in parts if part)


def _fault(status: int, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_api(request):
            code, message = FAULTS[status]
            return JsonResponse({"code": code, "message": message}, status=status)
        return page(request, *args, **kwargs)

    return view


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without its token: too old, or sent by another site in a person's name."""
    answer = Answer(403, "csrf_failed", "The form's token is missing or old; load it again.")
    actor = _actor(request)
    if isinstance(actor, User):  # anybody could fill the record otherwise
        event = AccessRefused(act=_act(request), rule=answer.code)
        with suppress(ledger.RecordHeldError):  # refused all the same
            _record(event, actor=actor, subject=_project(request) or actor)
    if is_api(request):
        return JsonResponse(answer.body(), status=403)
    return render(request, "403.html", answer.body(), status=403)


bad_request = _fault(400, defaults.bad_request)
forbidden = _fault(403, defaults.permission_denied)
not_found = _fault(404, defaults.page_not_found)
fault = _fault(500, defaults.server_error)
unavailable = _fault(
    503, lambda _request: HttpResponse(render_to_string("503.html"), status=503)
)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for what nobody caught: 503 where the database could not work, else 500.

    A full disk, a server that is down or starting, a lock or a statement that took too long:
    all of it passes, and whoever asked may ask again.
    """
    if not isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return fault(request)
    answer = unavailable(request)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
