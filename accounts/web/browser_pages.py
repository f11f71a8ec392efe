"""Browsers show which machine they are; projects say what other browsers may do."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import browsers, device_policies
from accounts.errors.base import AccountsError
from accounts.http import PROOF_KEY, current_user
from accounts.models import Device, DevicePolicy, Project
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.device_forms import PolicyForm
from accounts.web.facility_pages import add_refusal

LARGEST = 2000
FIELDS = ("point", "nonce", "signature")


@login_not_required
@never_cache
@require_POST
def challenge(request: HttpRequest) -> JsonResponse:
    """Give a browser that is about to sign in a number to sign."""
    return JsonResponse({"nonce": browsers.challenge(browsers.SIGN_IN)})


@login_not_required
@never_cache
@require_POST
def prove(request: HttpRequest) -> JsonResponse:
    """Note, for the sign-in that follows within two minutes, which machine this is."""
    request.session.pop(PROOF_KEY, None)
    try:
        device = browsers.prove(**_said(request))
    except AccountsError as refused:
        status = 422 if refused.is_invalid_input else 409
        return JsonResponse({"code": refused.code, "message": str(refused)}, status=status)
    request.session[PROOF_KEY] = [str(device.pk), timezone.now().timestamp()]
    return JsonResponse({"device": device.asset_tag})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def browser(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let an administrator at a machine register its browser's key."""
    user = current_user(request)
    require_organisation_permission(user, "manage_devices")
    device = get_object_or_404(Device, pk=pk)
    if request.method == "POST":
        try:
            browsers.register_key(device, by=user, **_said(request))
        except AccountsError as refused:
            status = 422 if refused.is_invalid_input else 409
            return JsonResponse({"code": refused.code, "message": str(refused)}, status=status)
        messages.success(request, f"Sign-ins in this browser now name {device}.")
        return JsonResponse({"device": device.asset_tag})
    context = {"device": device, "nonce": browsers.challenge(browsers.REGISTER)}
    return render(request, "accounts/browser.html", context)


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """List what each project asks of devices."""
    require_organisation_permission(current_user(request), "view_devices")
    user = current_user(request)
    policies = {row.project_id: row for row in DevicePolicy.objects.select_related("set_by")}
    entries = ledger.about(*(row.ledger_ref for row in policies.values()))
    seqs = {entry.subject: entry.sequence for entry in entries}
    rows = [
        {
            "project": project,
            "policy": (found := policies.get(project.pk)),
            "seq": seqs.get(found.ledger_ref) if found else None,
        }
        for project in Project.objects.all()
    ]
    may_manage = has_organisation_permission(user, "manage_devices")
    context = {"rows": rows, "may_manage": may_manage}
    return render(request, "accounts/device_policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Set what unregistered and mobile devices may do in a project."""
    user = current_user(request)
    require_organisation_permission(user, "manage_devices")
    project = get_object_or_404(Project, pk=pk)
    now = DevicePolicy.objects.filter(project=project).first()
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        initial={"unregistered": now.unregistered, "mobile": now.mobile} if now else {},
    )
    if request.method == "POST" and form.is_valid():
        try:
            device_policies.set_policy(project, by=user, **form.cleaned_data)
        except (ValidationError, AccountsError) as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, f"The policy of {project} holds from now on.")
            return redirect("accounts:device_policies")
    context = {"form": form, "project": project}
    status = 422 if form.errors else 200
    return render(request, "accounts/device_policy.html", context, status=status)


def _said(request: HttpRequest) -> dict[str, Any]:
    """Return the three texts of an answer; what is missing or strange is empty."""
    try:
        body = json.loads(request.body[:LARGEST])
    except ValueError:
        body = {}
    told = body if isinstance(body, dict) else {}
    return {name: value if isinstance(value := told.get(name), str) else "" for name in FIELDS}
