"""The inventory, and the custody of one device."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import devices
from accounts.errors.base import AccountsError
from accounts.http import DEVICE_COOKIE, current_user
from accounts.models import Device, DeviceMovement
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.filters import DeviceFilter
from accounts.web.forms import DeviceForm, MovementForm
from accounts.web.lists import page_of

ROWS = 10
KNOWN_FOR = timedelta(days=365)
RECENTLY = timedelta(days=30)


@require_safe
def devices_list(request: HttpRequest) -> HttpResponse:
    """List the inventory."""
    require_organisation_permission(current_user(request), "view_devices")
    return _render(request, None)


@require_safe
def device(request: HttpRequest, pk: str) -> HttpResponse:
    """Show one device beside the inventory: what it is and where it has been."""
    require_organisation_permission(current_user(request), "view_devices")
    found = get_object_or_404(Device.objects.select_related("holder"), pk=pk)
    return _render(request, found)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Put a device on the inventory."""
    user = current_user(request)
    require_organisation_permission(user, "manage_devices")
    form = DeviceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = devices.register(by=user, **form.cleaned_data)
        except ValidationError as invalid:
            form.add_error(None, invalid)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{added.asset_tag} is on the inventory.")
            return redirect("accounts:device", added.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/add_device.html", {"form": form}, status=status)


@require_POST
def move(request: HttpRequest, pk: str) -> HttpResponse:
    """Record that a device went elsewhere or into other care."""
    user = current_user(request)
    require_organisation_permission(user, "manage_devices")
    found = get_object_or_404(Device.objects.select_related("holder"), pk=pk)
    form = MovementForm(request.POST)
    if not form.is_valid():
        return _render(request, found, form=form, status=422)
    step = devices.move(found, by=user, **form.cleaned_data)
    messages.success(request, f"{found.asset_tag} is at {step.to_place}.")
    return redirect("accounts:device", found.pk)


@require_POST
def bind(request: HttpRequest, pk: str) -> HttpResponse:
    """Let this browser say from now on that it is the one on the device."""
    user = current_user(request)
    require_organisation_permission(user, "manage_devices")
    found = get_object_or_404(Device, pk=pk)
    key = devices.bind_browser(found, by=user)
    messages.success(request, f"Sessions begun in this browser now name {found.asset_tag}.")
    answer = redirect("accounts:device", found.pk)
    answer.set_cookie(
        DEVICE_COOKIE,
        key,
        max_age=KNOWN_FOR,
        secure=settings.BEHIND_TLS,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _render(
    request: HttpRequest,
    chosen: Device | None,
    form: MovementForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = Device.objects.select_related("holder").annotate(since=Max("movements__moved_at"))
    found = DeviceFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs, ROWS)
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([row.ledger_ref for row in page]),
        "counts": _counts(),
        "device": chosen,
        "may_manage": has_organisation_permission(current_user(request), "manage_devices"),
        **(_custody(chosen, form) if chosen else {}),
    }
    return render(request, "accounts/devices.html", context, status=status)


def _counts() -> dict[str, int]:
    since = timezone.now() - RECENTLY
    moved = Q(movements__moved_at__gte=since) & ~Q(movements__from_place="")
    return Device.objects.aggregate(
        all=Count("pk", distinct=True), moved=Count("pk", filter=moved, distinct=True)
    )


def _custody(chosen: Device, form: MovementForm | None) -> dict[str, Any]:
    """Return the steps of custody, newest first, each with its entry, and the form to move."""
    seqs = {
        entry.payload["movement_id"]: entry.sequence
        for entry in ledger.about(chosen.ledger_ref)
        if "movement_id" in entry.payload
    }
    movements = list(
        DeviceMovement.objects.filter(device=chosen).select_related("holder", "moved_by")
    )
    steps: list[dict[str, Any]] = []
    until = None
    for step in movements:
        steps.append({"step": step, "seq": seqs.get(str(step.pk)), "until": until})
        until = step.moved_at
    places = Device.objects.order_by("place").values_list("place", flat=True).distinct()
    return {
        "steps": steps,
        "places": places,
        "form": form or MovementForm(initial={"from_place": chosen.place}),
    }
