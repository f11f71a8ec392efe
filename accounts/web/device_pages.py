"""The inventory, and the custody of one device."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import devices
from accounts.errors.base import AccountsError
from accounts.http import DEVICE_COOKIE, current_user
from accounts.models import Device, DevicePosture, DeviceTransfer, User
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web import device_acts
from accounts.web.custody_steps import steps_of
from accounts.web.filters import DeviceFilter
from accounts.web.forms import DeviceForm, MovementForm, ThemedForm
from accounts.web.lists import page_of

ROWS = 10
KNOWN_FOR = timedelta(days=365)
RECENTLY = timedelta(days=30)


def listed() -> Any:
    """Return the inventory with what the list says of each device, by one query."""
    newest = DevicePosture.objects.filter(device=OuterRef("pk")).order_by("-stated_at")
    rows = Device.objects.select_related("holder", "facility")
    return rows.annotate(
        since=Max("movements__moved_at"), disk=Subquery(newest.values("encryption")[:1])
    )


def visible(user: User, pk: UUID | str) -> Device:
    """Return the device, or answer 404 to whoever neither sees the inventory nor holds it."""
    rows: QuerySet[Device] = Device.objects.select_related("holder", "facility")
    if not has_organisation_permission(user, "view_devices"):
        rows = rows.filter(holder=user)
    return get_object_or_404(rows, pk=pk)


@require_safe
def devices_list(request: HttpRequest) -> HttpResponse:
    """List the inventory."""
    require_organisation_permission(current_user(request), "view_devices")
    return _render(request, None)


@require_safe
def device(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one device beside the inventory: what it is and where it has been."""
    return show(request, visible(current_user(request), pk))


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
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record that a device went elsewhere, in the same care."""
    user = current_user(request)
    require_organisation_permission(user, "manage_devices")
    found = visible(user, pk)
    form = MovementForm(request.POST)
    if not form.is_valid():
        return _render(request, found, move_form=form, status=422)
    step = devices.move(found, holder=found.holder, by=user, **form.cleaned_data)
    messages.success(request, f"{found.asset_tag} is at {step.to_place}.")
    return redirect("accounts:device", found.pk)


@require_POST
def bind(request: HttpRequest, pk: UUID) -> HttpResponse:
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


def show(
    request: HttpRequest, found: Device, *, name: str = "", form: ThemedForm | None = None
) -> HttpResponse:
    """Show a device; with the form of the act `name` that was refused, as it was typed."""
    forms = {name: form} if form else {}
    return _render(request, found, forms=forms, status=422 if form else 200)


def _render(
    request: HttpRequest,
    chosen: Device | None,
    *,
    forms: dict[str, ThemedForm] | None = None,
    move_form: MovementForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = current_user(request)
    sees_all = has_organisation_permission(user, "view_devices")
    rows = listed() if sees_all else listed().filter(holder=user)
    found = DeviceFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs, ROWS)
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([row.ledger_ref for row in page]),
        "counts": _counts(),
        "due_before": timezone.now().date() - timedelta(days=Device.CONFIRM_DAYS),
        "today": timezone.now().date(),
        "device": chosen,
        "may_manage": has_organisation_permission(user, "manage_devices"),
        "sees_all": sees_all,
    }
    if chosen:
        context |= _custody(user, chosen, forms or {})
        context["move_form"] = move_form or MovementForm(initial={"from_place": chosen.place})
    return render(request, "accounts/devices.html", context, status=status)


def _counts() -> dict[str, int]:
    since = timezone.now() - RECENTLY
    moved = Q(movements__moved_at__gte=since) & ~Q(movements__from_place="")
    state = Device.State
    return Device.objects.aggregate(
        all=Count("pk", distinct=True),
        moved=Count("pk", filter=moved, distinct=True),
        in_use=Count("pk", filter=Q(state=state.IN_USE), distinct=True),
        in_transit=Count("pk", filter=Q(state=state.IN_TRANSIT), distinct=True),
        lost=Count("pk", filter=Q(state=state.LOST), distinct=True),
    )


def _custody(user: User, chosen: Device, refused: dict[str, ThemedForm]) -> dict[str, Any]:
    """Return where a device has been, its posture, and what can be done with it now."""
    acts = [
        {
            "name": name,
            "act": act,
            "form": refused.get(name)
            or act.form(prefix=name, initial=device_acts.initial(name, chosen)),
            "open": name in refused,
        }
        for name, act in device_acts.open_to(user, chosen).items()
    ]
    ways = chosen.transfers.filter(state=DeviceTransfer.State.OPEN)
    places = Device.objects.order_by("place").values_list("place", flat=True).distinct()
    return {
        "steps": steps_of(chosen),
        "places": places,
        "acts": acts,
        "way": ways.select_related("giver", "receiver").first(),
        "posture": chosen.postures.select_related("stated_by").first(),
        "last_session": chosen.sessions.select_related("user").first(),
    }
