"""Places of work: the list, one with all that is on record about it, and its changes."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import facilities
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import Facility, User
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.facility_filters import FacilityFilter, listed
from accounts.web.facility_forms import (
    AttestationForm,
    ChangeFacilityForm,
    FacilityForm,
    LogForm,
    RangeForm,
)
from accounts.web.facility_sheets import sheets
from accounts.web.lists import page_of


@require_safe
def facilities_list(request: HttpRequest) -> HttpResponse:
    """List the places of work, those first that lack an attestation where asked for."""
    user = current_user(request)
    require_organisation_permission(user, "view_facilities")
    found = FacilityFilter(request.GET, queryset=listed(Facility.objects.all()))
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([row.ledger_ref for row in page]),
        "count": Facility.objects.count(),
        "may_manage": has_organisation_permission(user, "manage_facilities"),
    }
    return render(request, "accounts/facilities.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Put a place of work on record."""
    user = current_user(request)
    require_organisation_permission(user, "manage_facilities")
    form = FacilityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = facilities.register(form.cleaned_data["title"], form.description, by=user)
        except (ValidationError, AccountsError) as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"{added} is on record.")
            return redirect("accounts:facility", added.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/add_facility.html", {"form": form}, status=status)


@require_safe
def facility(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one place."""
    return page(request, visible(current_user(request), pk))


@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the description of a place."""
    user = current_user(request)
    require_organisation_permission(user, "manage_facilities")
    found = visible(user, pk)
    names = ("location", "access_control", "mobile_devices", "responsible", "deputy")
    now = {name: getattr(found, name) for name in names}
    form = ChangeFacilityForm(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            facilities.describe(
                found, form.description, by=user, reason=form.cleaned_data["reason"]
            )
        except (ValidationError, AccountsError) as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"The new description of {found} is on record.")
            return redirect("accounts:facility", found.pk)
    context = {"form": form, "facility": found}
    status = 422 if form.errors else 200
    return render(request, "accounts/change_facility.html", context, status=status)


@require_POST
def attest(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Vouch for something about a place."""
    user = current_user(request)
    found = visible(user, pk)
    form = AttestationForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, found, attestation_form=form)
    said = form.cleaned_data
    try:
        facilities.attest(
            found,
            said["statement"],
            evidence_hash=said["evidence"],
            expires=said["expires"],
            by=user,
        )
    except AccountsError as refused:
        add_refusal(form, refused)
        return page(request, found, attestation_form=form)
    messages.success(request, f"Attested by you, until {said['expires']:%-d %b %Y}.")
    return redirect("accounts:facility", found.pk)


@require_POST
def log(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record a visit or work on a place."""
    user = current_user(request)
    found = visible(user, pk)
    form = LogForm(request.POST)
    if not form.is_valid():
        return page(request, found, log_form=form)
    said = dict(form.cleaned_data)
    try:
        line = facilities.log(found, said.pop("kind"), by=user, **said)
    except AccountsError as refused:
        add_refusal(form, refused)
        return page(request, found, log_form=form)
    messages.success(request, f"{line} is on record.")
    return redirect("accounts:facility", found.pk)


def visible(user: User, pk: uuid.UUID) -> Facility:
    """Return the place, or answer 404 to whoever may not know of it."""
    rows = facilities.visible_to(user).select_related("responsible", "deputy")
    return get_object_or_404(rows, pk=pk)


def add_refusal(form: Form, refused: Exception) -> None:
    """Say beside what was typed why it cannot be; other refusals are the middleware's."""
    if isinstance(refused, ValidationError):
        form.add_error(None, refused)
    elif isinstance(refused, AccountsError) and refused.is_invalid_input:
        form.add_error(None, str(refused))
    else:
        raise refused


def page(request: HttpRequest, found: Facility, **refused: Form) -> HttpResponse:
    """Show a place; with a form that was refused, as it was typed."""
    user = current_user(request)
    context: dict[str, Any] = {
        "facility": found,
        "answers": facilities.answers_for(user, found),
        "may_manage": has_organisation_permission(user, "manage_facilities"),
        "user_pk": user.pk,
        "attestation_form": AttestationForm(),
        "log_form": LogForm(),
        "range_form": RangeForm(),
        **sheets(found),
        **refused,
    }
    status = 422 if refused else 200
    return render(request, "accounts/facility.html", context, status=status)
