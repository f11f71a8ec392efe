"""The retention page: every class with its period, what there is of it, and what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

import ledger
from accounts import retention as schedule
from accounts.http import current_user
from accounts.models import ErasureRequest, LegalHold, RetentionPeriod, User
from accounts.permissions import require_organisation_permission, stewarded
from accounts.web.forms import ReasonForm
from accounts.web.retention_forms import PeriodForm

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import Project

PERMISSION = "manage_retention"


@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """Show every class, for the organisation and the projects whose records one keeps."""
    require_organisation_permission(current_user(request), PERMISSION)
    return _page(request)


@require_POST
def set_period(request: HttpRequest) -> HttpResponse:
    """Keep a class longer."""
    user = current_user(request)
    require_organisation_permission(user, PERMISSION)
    form = PeriodForm(request.POST, by=user)
    if not form.is_valid():
        return _page(request, period_form=form, status=422)
    period = schedule.set_period(by=user, **form.cleaned_data)
    title = ledger.retention_classes()[period.class_key].title
    messages.success(request, f"“{title}” is kept for {period.years} years from now on.")
    return redirect("accounts:retention")


@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Record the schedule as it is in force."""
    user = current_user(request)
    require_organisation_permission(user, PERMISSION)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, publish_form=form, status=422)
    schedule.publish(by=user, reason=form.cleaned_data["reason"])
    messages.success(request, "The schedule is on record as it is in force now.")
    return redirect("accounts:retention")


def _page(request: HttpRequest, *, status: int = 200, **refused: Any) -> HttpResponse:
    user = current_user(request)
    projects = list(stewarded(user).order_by("name", "pk"))
    published = ledger.positions([schedule.SCHEDULE]).get(schedule.SCHEDULE)
    context = {
        "rows": _rows(projects),
        "projects": len(projects),
        "chosen": _chosen(user),
        "published": published,
        "counts": _counts(projects),
        "period_form": PeriodForm(by=user),
        "publish_form": ReasonForm(),
        **refused,
    }
    return render(request, "accounts/retention.html", context, status=status)


def _rows(projects: list[Project]) -> list[dict[str, Any]]:
    """Return each class with how many entries there are of it and when the first may go."""
    chosen = schedule.periods()
    streams: list[str | None] = [None, *(str(project.pk) for project in projects)]
    keys = {_key(stream): stream for stream in streams}
    held = ledger.retention_holdings(streams)
    rows = []
    for each in ledger.retention_classes().values():
        of_class = [one for one in held if one.key == each.key]
        dues = [
            each.due(one.first, years=chosen.years(each.key, keys[_key_of(one.stream)]))
            for one in of_class
        ]
        rows.append(
            {
                "held": each,
                "years": chosen.years(each.key, None),
                "entries": sum(one.entries for one in of_class),
                "due": _earliest(dues),
            }
        )
    return rows


def _key(stream: str | None) -> str:
    return stream or "org"


def _key_of(origin: str) -> str:
    return origin.rpartition("/")[2]


def _earliest(dues: list[datetime | None]) -> datetime | None:
    return min((due for due in dues if due is not None), default=None)


def _chosen(user: User) -> list[dict[str, Any]]:
    """Return the periods that were chosen here, each with its entry."""
    mine = Q(project=None) | Q(project__in=stewarded(user))
    rows = list(RetentionPeriod.objects.filter(mine).select_related("project", "set_by"))
    titles = ledger.retention_classes()
    return [{"row": row, "title": titles[row.class_key].title} for row in rows]


def _counts(projects: list[Project]) -> dict[str, int]:
    here = Q(project=None) | Q(project__in=projects)
    holds = LegalHold.objects.filter(here).aggregate(n=Count("pk", filter=Q(lifted_at=None)))
    waiting = ErasureRequest.objects.filter(here, state=ErasureRequest.State.REQUESTED)
    return {"holds": holds["n"], "waiting": waiting.count()}
