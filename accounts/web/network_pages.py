"""Changing the network ranges of a facility: one administrator asks, another decides."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import networks
from accounts.errors.base import AccountsError
from accounts.errors.facilities import RangeOverlapError
from accounts.http import current_user
from accounts.models import NetworkRange
from accounts.permissions import require_organisation_permission
from accounts.web.facility_forms import RangeForm
from accounts.web.facility_pages import add_refusal, page, visible
from accounts.web.forms import ReasonForm


@require_POST
def ask(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for another range; whatever it overlaps is said first."""
    user = current_user(request)
    require_organisation_permission(user, "manage_facilities")
    found = visible(user, pk)
    form = RangeForm(request.POST)
    if not form.is_valid():
        return page(request, found, range_form=form)
    said = form.cleaned_data
    try:
        asked = networks.ask_to_add(
            found,
            said["cidr"],
            purpose=said["purpose"],
            by=user,
            reason=said["reason"],
            overlaps_seen=said["seen"] == said["cidr"],
        )
    except (ValidationError, AccountsError) as refused:
        if isinstance(refused, RangeOverlapError):
            form.data = {**form.data.dict(), "seen": said["cidr"]}  # type: ignore[attr-defined]  # a QueryDict
        add_refusal(form, refused)
        return page(request, found, range_form=form)
    messages.success(request, f"{asked.cidr} waits for another administrator's approval.")
    return redirect("accounts:facility", found.pk)


@require_POST
def remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask that a range count no longer."""
    found, form = _asked(request, pk)
    if not form.is_valid():
        return page(request, found.facility, remove_form=form)
    networks.ask_to_remove(found, by=current_user(request), reason=form.cleaned_data["reason"])
    messages.success(request, f"{found.cidr} counts until another administrator approves.")
    return redirect("accounts:facility", found.facility_id)


@require_POST
def approve(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Approve what another administrator asked for."""
    found, _ = _asked(request, pk)
    networks.approve(found, by=current_user(request))
    messages.success(request, f"Approved: the change of {found.cidr} holds from now on.")
    return redirect("accounts:facility", found.facility_id)


@require_POST
def decline(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Decline what another administrator asked for."""
    found, form = _asked(request, pk)
    if not form.is_valid():
        return page(request, found.facility, remove_form=form)
    networks.decline(found, by=current_user(request), reason=form.cleaned_data["reason"])
    messages.success(request, f"Declined: {found.cidr} stays as it was.")
    return redirect("accounts:facility", found.facility_id)


def _asked(request: HttpRequest, pk: uuid.UUID) -> tuple[NetworkRange, ReasonForm]:
    require_organisation_permission(current_user(request), "manage_facilities")
    rows = NetworkRange.objects.select_related("facility__responsible", "facility__deputy")
    return get_object_or_404(rows, pk=pk), ReasonForm(request.POST)
