"""Legal holds: the list, placing one, and lifting one by two people."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import holds as legal
from accounts.errors.base import AccountsError
from accounts.events.retention import (
    LegalHoldLifted,
    LegalHoldLiftRequested,
    LegalHoldPlaced,
)
from accounts.http import current_user
from accounts.models import LegalHold, User
from accounts.permissions import (
    has_organisation_permission,
    require_organisation_permission,
    stewarded,
)
from accounts.web.forms import ReasonForm
from accounts.web.lists import page_of
from accounts.web.retention_filters import HoldFilter
from accounts.web.retention_forms import HoldForm
from accounts.web.retention_pages import PERMISSION

SAYS = {
    LegalHoldPlaced.name: "Placed",
    LegalHoldLiftRequested.name: "Lifting asked for",
    LegalHoldLifted.name: "Lifted",
}


@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """List the holds on the records one keeps; place another."""
    user = current_user(request)
    require_organisation_permission(user, PERMISSION)
    form = HoldForm(request.POST if request.method == "POST" else None, by=user)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            hold = legal.place(
                said["project"], scope=form.scope, by=user, reason=said["reason"]
            )
        except AccountsError as refused:
            if not refused.is_invalid_input:
                raise
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"The hold covers {hold.covered} from now on.")
            return redirect("accounts:hold", hold.pk)
    return _list(request, user, form)


def _list(request: HttpRequest, user: User, form: HoldForm) -> HttpResponse:
    found = HoldFilter(request.GET, queryset=visible_holds(user))
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page_obj": page,
        "form": form,
        "has_any": visible_holds(user).exists(),
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/holds.html", context, status=status)


def visible_holds(user: User) -> QuerySet[LegalHold]:
    """Return the holds on records that `user` keeps."""
    if not has_organisation_permission(user, PERMISSION):
        return LegalHold.objects.none()
    mine = Q(project=None) | Q(project__in=stewarded(user))
    people = ("project", "placed_by", "lift_asked_by", "lifted_by")
    return LegalHold.objects.filter(mine).select_related(*people)


@require_safe
def hold(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one hold, its history and what can be done about it."""
    found = get_object_or_404(visible_holds(current_user(request)), pk=pk)
    return _page(request, found)


@require_POST
def ask_to_lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask that a hold be lifted."""
    user = current_user(request)
    found = get_object_or_404(visible_holds(user), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    legal.ask_to_lift(found, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, "Asked. The hold stands until another person lifts it.")
    return redirect("accounts:hold", pk)


@require_POST
def lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lift a hold that somebody else asked to lift."""
    user = current_user(request)
    found = get_object_or_404(visible_holds(user), pk=pk)
    legal.lift(found, by=user)
    messages.success(request, "Lifted. From now on the periods alone decide.")
    return redirect("accounts:hold", pk)


def _page(
    request: HttpRequest, found: LegalHold, *, form: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    user = current_user(request)
    context = {
        "hold": found,
        "steps": _steps(found),
        "form": form or ReasonForm(),
        "asked_by_me": found.lift_asked_by_id == user.pk,
    }
    return render(request, "accounts/hold.html", context, status=status)


def _steps(found: LegalHold) -> list[dict[str, Any]]:
    """Return what the record says about the hold, newest first."""
    entries = ledger.about(found.ledger_ref, stream=found.ledger_stream)
    names = ledger.name_of({entry.actor for entry in entries})
    return [
        {
            "what": SAYS.get(entry.event, entry.event),
            "who": f"by {names[entry.actor]}",
            "at": entry.at,
            "why": entry.reason,
            "seq": entry.sequence,
            "stream_key": found.ledger_stream or "org",
            "kind": "void" if entry.event == LegalHoldLifted.name else "",
        }
        for entry in reversed(entries)
    ]
