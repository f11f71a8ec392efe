"""Run the checks from a page: who may make reports starts them and sees how far they are."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ledger.evidence import making, probing
from ledger.history import head
from ledger.registry import name_of, stream_access

MOST_DIGITS = 15


def may_run(request: HttpRequest) -> bool:
    """Tell whether this person makes reports somewhere: the checks are what they rest on."""
    return any(access(request.user, making.MAKE) for access in stream_access)


@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: HttpRequest) -> HttpResponse:
    """Show how far the checks are; a POST starts them, each observation being an entry."""
    if not may_run(request):
        raise PermissionDenied("The checks are run by people whose role makes reports.")
    if request.method != "POST":
        return render(request, "ledger/parts/checks.html", panel_of(request))
    newest = head(None)
    try:
        probing.run_in_background(by=request.user)  # type: ignore[arg-type]  # our user model has a ledger_ref
    except probing.ProbesRunningError as error:
        messages.info(request, str(error))
        return redirect(f"{reverse('evidence:new')}#checks")
    return redirect(f"{reverse('evidence:new')}?after={newest[0] if newest else -1}#checks")


def panel_of(request: HttpRequest) -> dict[str, Any]:
    """Return what the panel of the checks shows; `after` says where the watched run began."""
    told = request.GET.get("after", "")
    digits = told.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
    after = int(told) if is_number else None
    found = probing.progress(after)
    by = found.newest[2] if found.newest else ""
    return {"checks": found, "after": after, "checked_by": name_of([by])[by] if by else ""}
