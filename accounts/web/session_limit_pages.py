"""How long sessions last here: what is in force, who set it and why, and setting it anew."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

import ledger
from accounts import session_limits
from accounts.errors.base import AccountsError
from accounts.http import current_limits, current_user
from accounts.models import SessionLimits
from accounts.models.session_limits import Limits
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.forms import REASON, ThemedForm

SHOWN = 20
MINUTE, HOUR = session_limits.MINUTE, session_limits.HOUR


class LimitsForm(ThemedForm):
    """The two limits, why they change, and which setting was looked at."""

    idle = forms.TypedChoiceField(
        label="Lock after, without activity",
        choices=[(minutes, f"{minutes} minutes") for minutes in range(5, 16)],
        coerce=int,
    )
    absolute = forms.TypedChoiceField(
        label="End after, in all",
        choices=[(hours, f"{hours} hour{'s' * (hours > 1)}") for hours in range(1, 13)],
        coerce=int,
    )
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """Show the limits in force and their history; let administrators set others."""
    user = current_user(request)
    sets = request.method == "POST"
    require_organisation_permission(user, "set_session_limits" if sets else "view_sessions")
    form = LimitsForm(request.POST) if sets else _form(request)
    if sets and form.is_valid() and _set(request, form):
        messages.success(request, "Set. It holds for every session from now on.")
        return redirect("accounts:session_limits")
    context = {
        "form": form,
        "limits": current_limits(request),
        "steps": _steps(),
        "may_set": has_organisation_permission(user, "set_session_limits"),
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/session_limits.html", context, status=status)


def _form(request: HttpRequest) -> LimitsForm:
    now = current_limits(request)
    number = session_limits.newest_number()
    initial = {"idle": now.idle // MINUTE, "absolute": now.absolute // HOUR, "seen": number}
    return LimitsForm(initial=initial)


def _set(request: HttpRequest, form: LimitsForm) -> bool:
    said = form.cleaned_data
    wanted = Limits(idle=said["idle"] * MINUTE, absolute=said["absolute"] * HOUR)
    try:
        session_limits.set_limits(
            wanted, by=current_user(request), reason=said["reason"], seen=said["seen"]
        )
    except AccountsError as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _steps() -> list[dict[str, Any]]:
    """Return the settings as a thread, newest first, each with its entry."""
    rows = list(SessionLimits.objects.select_related("set_by")[:SHOWN])
    told = {entry.subject: entry for entry in ledger.about(*(row.ledger_ref for row in rows))}
    steps: list[dict[str, Any]] = []
    for row in rows:
        entry = told.get(row.ledger_ref)
        steps.append(
            {
                "what": str(row),
                "who": f"by {row.set_by.printed_name}",
                "at": row.set_at,
                "why": entry.reason if entry else "",
                "seq": entry.sequence if entry else None,
                "stream_key": "org",
                "kind": "" if steps else "now",
            }
        )
    return steps
