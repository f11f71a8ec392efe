"""Acts on one machine, receipts, the own machines, and what leaves as file or labels."""

from __future__ import annotations

import csv
import uuid

import qrcode
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import custody
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import Device, DeviceTransfer
from accounts.permissions import require_organisation_permission
from accounts.web.custody_panels import due_before
from accounts.web.device_acts import ACTS, Act
from accounts.web.device_pages import listed, show, visible
from accounts.web.facility_pages import add_refusal
from accounts.web.filters import DeviceFilter
from accounts.web.forms import ReasonForm

COLUMNS = (
    "asset_tag", "kind", "state", "place", "facility", "holder", "owner",
    "encryption", "confirmed_on", "serial_keyed_hash",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP: what spreadsheets would calculate
MOST_LABELS = 200


@require_POST
def act(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    """Do one thing with a machine."""
    user = current_user(request)
    device = visible(user, pk)
    if name not in ACTS:
        raise Http404
    chosen: Act = ACTS[name]
    form = chosen.form(request.POST, prefix=name)
    if not form.is_valid():
        return show(request, device, name=name, form=form)
    try:
        chosen.do(device, user, form.cleaned_data)
    except (ValidationError, AccountsError) as refused:
        add_refusal(form, refused)
        return show(request, device, name=name, form=form)
    messages.success(request, chosen.done.format(device=device))
    return redirect("accounts:device", pk)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what is on its way to the person at the screen, and what they hold."""
    user = current_user(request)
    ways = DeviceTransfer.objects.filter(state=DeviceTransfer.State.OPEN)
    context = {
        "incoming": ways.filter(receiver=user).select_related("device", "giver"),
        "outgoing": ways.filter(giver=user).select_related("device", "receiver"),
        "held": user.devices.exclude(state=Device.State.DISPOSED).select_related("facility"),
        "due_before": due_before(),
    }
    return render(request, "accounts/my_devices.html", context)


@require_POST
def receive(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm that a machine came."""
    user = current_user(request)
    transfer = _way(request, pk)
    custody.receive(transfer, by=user)
    messages.success(request, f"You answer for {transfer.device} from now on.")
    return redirect("accounts:my_devices")


@require_POST
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that a machine did not go after all."""
    transfer = _way(request, pk)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    custody.withdraw(transfer, by=current_user(request), reason=reason)
    messages.success(request, f"{transfer.device} is where it was, in the same care.")
    return redirect("accounts:device", transfer.device_id)


@require_POST
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm to have a machine."""
    user = current_user(request)
    device = get_object_or_404(user.devices, pk=pk)
    custody.confirm(device, by=user)
    messages.success(request, f"Confirmed: you have {device}, at {device.place}.")
    return redirect("accounts:my_devices")


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Give the inventory, as it is filtered, as a file that spreadsheets only read."""
    require_organisation_permission(current_user(request), "view_devices")
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="devices-{timezone.now():%F}.csv"'
    lines = csv.writer(answer)
    lines.writerow(COLUMNS)
    for row in DeviceFilter(request.GET, queryset=listed()).qs:
        cells = (
            row.asset_tag, row.get_kind_display(), row.get_state_display(), row.place,
            row.facility or "", row.holder or "", row.owner, row.disk or "not stated",
            row.confirmed_on or "", row.serial_hash,
        )  # fmt: skip
        lines.writerow([_plain(str(cell)) for cell in cells])
    return answer


@require_safe
def labels(request: HttpRequest) -> HttpResponse:
    """Print labels that lead to each machine's page, on A4."""
    require_organisation_permission(current_user(request), "view_devices")
    rows = DeviceFilter(request.GET, queryset=listed()).qs[:MOST_LABELS]
    found = [
        {"device": row, **_code(request.build_absolute_uri(_address(row)))} for row in rows
    ]
    return render(request, "accounts/device_labels.html", {"labels": found})


def _way(request: HttpRequest, pk: uuid.UUID) -> DeviceTransfer:
    """Return a hand-over that concerns the person at the screen, or answer 404."""
    user = current_user(request)
    rows = DeviceTransfer.objects.select_related("device", "receiver", "giver")
    found = get_object_or_404(rows, pk=pk)
    if user.pk not in {found.receiver_id, found.giver_id}:
        visible(user, found.device_id)
    return found


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _address(device: Device) -> str:
    return reverse("accounts:device", args=[device.pk])


def _code(text: str) -> dict[str, object]:
    """Return a QR code as one path of unit squares, and its size in them."""
    code = qrcode.QRCode(border=2)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return {"path": path, "size": len(rows)}
