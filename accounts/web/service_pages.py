"""Programs: the list, a new one, and one with its tokens and what happened to them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import services
from accounts.errors.base import AccountsError
from accounts.events.services import (
    ServiceClosed,
    ServiceHandedOver,
    ServiceOpened,
    TokenIssued,
    TokenRevoked,
)
from accounts.http import current_user
from accounts.models import ServiceAccount, Token
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.forms import ReasonForm
from accounts.web.lists import page_of
from accounts.web.service_filters import ServiceFilter
from accounts.web.service_forms import HandOverForm, ServiceForm, TokenForm

VIEW, MANAGE = "view_services", "manage_services"
SAYS = {
    ServiceOpened.name: "Opened",
    ServiceHandedOver.name: "Handed over",
    ServiceClosed.name: "Closed for good",
    TokenIssued.name: "Token issued",
    TokenRevoked.name: "Token revoked",
}
ENDS = frozenset({ServiceClosed.name, TokenRevoked.name})


@require_safe
def services_list(request: HttpRequest) -> HttpResponse:
    """List every program that has, or had, an account."""
    user = current_user(request)
    require_organisation_permission(user, VIEW)
    in_force = Q(tokens__revoked_at=None, tokens__expires_at__gt=timezone.now())
    rows = ServiceAccount.objects.select_related("owner", "project").annotate(
        in_force=Count("tokens", filter=in_force), last_used=Max("tokens__last_used_at")
    )
    found = ServiceFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([service.ledger_ref for service in page]),
        "may_manage": has_organisation_permission(user, MANAGE),
        "counts": ServiceAccount.objects.aggregate(
            open=Count("pk", filter=Q(closed_at=None)),
            closed=Count("pk", filter=Q(closed_at__isnull=False)),
        ),
    }
    return render(request, "accounts/services.html", context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Give a program an account."""
    user = current_user(request)
    require_organisation_permission(user, MANAGE)
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = services.open_account(by=user, **form.cleaned_data)
        except ValidationError as invalid:
            form.add_error(None, invalid)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{opened} has an account, without a token yet.")
            return redirect("accounts:service", opened.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/add_service.html", {"form": form}, status=status)


@require_safe
def service(request: HttpRequest, pk: str) -> HttpResponse:
    """Show one program: who answers, its tokens, and what happened."""
    require_organisation_permission(current_user(request), VIEW)
    return _page(request, _found(pk))


@require_POST
def issue(request: HttpRequest, pk: str) -> HttpResponse:
    """Give a program a token, and show its secret this once: the answer is the only copy."""
    user = current_user(request)
    require_organisation_permission(user, MANAGE)
    found = _found(pk)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, found, token_form=form, status=422)
    token, secret = services.issue(found, by=user, **form.cleaned_data)
    return _page(request, found, issued=token, secret=secret, status=201)


@require_POST
def revoke(request: HttpRequest, pk: str) -> HttpResponse:
    """End a token before its time."""
    user = current_user(request)
    require_organisation_permission(user, MANAGE)
    token = get_object_or_404(Token.objects.select_related("service"), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        found = _found(str(token.service_id))
        return _page(request, found, ending=token.pk, end_form=form, status=422)
    services.revoke(token, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, "The token is revoked: it opens nothing from the next call on.")
    return redirect("accounts:service", token.service_id)


@require_POST
def hand_over(request: HttpRequest, pk: str) -> HttpResponse:
    """Let somebody else answer for a program."""
    user = current_user(request)
    require_organisation_permission(user, MANAGE)
    found = _found(pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _page(request, found, owner_form=form, status=422)
    services.hand_over(found, by=user, **form.cleaned_data)
    messages.success(request, f"{form.cleaned_data['owner']} answers for {found} from now on.")
    return redirect("accounts:service", found.pk)


@require_POST
def close(request: HttpRequest, pk: str) -> HttpResponse:
    """Close a program's account for good."""
    user = current_user(request)
    require_organisation_permission(user, MANAGE)
    found = _found(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, close_form=form, status=422)
    services.close(found, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"{found} is closed; each of its tokens ended.")
    return redirect("accounts:service", found.pk)


def _found(pk: str) -> ServiceAccount:
    rows = ServiceAccount.objects.select_related("owner", "project")
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest, found: ServiceAccount, *, status: int = 200, **shown: Any
) -> HttpResponse:
    """Draw the page of one program, with the form that was not accepted where there is one."""
    may_manage = has_organisation_permission(current_user(request), MANAGE)
    tokens = list(found.tokens.all())
    context = {
        "service": found,
        "tokens": tokens,
        "positions": ledger.positions([token.ledger_ref for token in tokens]),
        "steps": _steps(found, tokens),
        "now": timezone.now(),
        "may_manage": may_manage and found.closed_at is None,
        "token_form": TokenForm(),
        "owner_form": HandOverForm(),
        "close_form": ReasonForm(),
        "end_form": ReasonForm(),
        **shown,
    }
    return render(request, "accounts/service.html", context, status=status)


def _steps(found: ServiceAccount, tokens: list[Token]) -> list[dict[str, Any]]:
    """Return what the record says about the program and its tokens, newest first."""
    refs = [found.ledger_ref, *(token.ledger_ref for token in tokens)]
    entries = [entry for entry in ledger.about(*refs) if entry.event in SAYS]
    owners = {e.payload["owner"] for e in entries if "owner" in e.payload}
    names = ledger.name_of({entry.actor for entry in entries} | owners)
    steps = [
        {
            "what": _says(entry, names),
            "who": f"by {names[entry.actor]}",
            "at": entry.at,
            "why": entry.reason,
            "seq": entry.sequence,
            "stream_key": "org",
            "kind": "void" if entry.event in ENDS else "",
        }
        for entry in reversed(entries)
    ]
    if steps and found.closed_at is None:
        steps[0]["kind"] = steps[0]["kind"] or "now"
    return steps


def _says(entry: ledger.Record, names: dict[str, str]) -> str:
    said = SAYS[entry.event]
    if "owner" in entry.payload:
        return f"{said}, {names[entry.payload['owner']]} answers for it"
    if "token_id" in entry.payload:
        return f"{said}, {entry.payload['token_id'][:8]}"
    return said
