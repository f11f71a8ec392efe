"""Alerts: what the security unit was told, and answering for it."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

import ledger
from accounts import alerts
from accounts.http import current_user
from accounts.models import Alert
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.forms import ReasonForm
from accounts.web.lists import page_of
from accounts.web.service_filters import AlertFilter


@require_safe
def alerts_list(request: HttpRequest) -> HttpResponse:
    """List every alert, newest first."""
    require_organisation_permission(current_user(request), "view_alerts")
    return _page(request)


@require_POST
def acknowledge(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Answer for an alert, in words that the record keeps."""
    user = current_user(request)
    require_organisation_permission(user, "answer_alerts")
    alert = get_object_or_404(Alert, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, answering=alert.pk, form=form, status=422)
    alerts.acknowledge(alert, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"Answered: {alert.get_kind_display()}.")
    return redirect("accounts:alerts")


def _page(
    request: HttpRequest,
    *,
    answering: uuid.UUID | None = None,
    form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = Alert.objects.select_related("acknowledged_by")
    found = AlertFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs)
    counts = Alert.objects.aggregate(
        all=Count("pk"),
        open=Count("pk", filter=Q(acknowledged_at=None)),
        undelivered=Count("pk", filter=Q(sent_at=None)),
    )
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([alert.ledger_ref for alert in page]),
        "names": ledger.name_of({alert.about for alert in page}),
        "counts": counts,
        "contacts": len(settings.SECURITY_CONTACTS),
        "channel": alerts.channel(),
        "may_answer": has_organisation_permission(current_user(request), "answer_alerts"),
        "answering": answering,
        "form": form or ReasonForm(),
    }
    return render(request, "accounts/alerts.html", context, status=status)
