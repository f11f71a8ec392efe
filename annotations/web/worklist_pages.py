"""The lists people work from, and the room they read in."""

import uuid
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

import ledger
from accounts.http import current_user
from accounts.models import Project, User
from accounts.permissions import require_permission
from accounts.training import require_current_training
from annotations import annotate, readings, subjects
from annotations.models import Annotation, Draft, Item
from annotations.web.flow_forms import VersionForm
from annotations.web.item_filters import ItemFilter
from annotations.web.places import page_of, project_for

State = Item.State
TABS = {
    "to-read": ("To read", [State.DRAFT]),
    "returned": ("Returned", [State.REJECTED]),
    "submitted": ("Submitted", [State.SUBMITTED, State.IN_REVIEW]),
    "accepted": ("Accepted", list(Item.ACCEPTED_STATES)),
}
EMPTY = {
    "to-read": ("Nothing to read", "What the data manager assigns to you is listed here."),
    "returned": ("Nothing came back", "A reading that a reviewer rejects is listed here."),
    "submitted": ("Nothing is under review", "What you submit waits here for its review."),
    "accepted": ("Nothing is accepted yet", "What a reviewer has signed is listed here."),
}
REVIEW_TABS = {"to-review": "To review", "to-sign": "To sign", "decided": "Decided by you"}
REVIEW_EMPTY = {
    "to-review": ("Nothing to review", "What other people submit is listed here."),
    "to-sign": ("Nothing to sign", "What you accept or correct waits here for your signature."),
    "decided": ("No decisions yet", "What you rejected or signed is listed here."),
}


def listed(items: QuerySet[Item]) -> QuerySet[Item]:
    """Add what every list of readings shows of a row, in one query."""
    drawn = Annotation.objects.filter(item=OuterRef("pk")).order_by()
    return items.select_related(
        "series__subject", "protocol", "annotator", "reviewer"
    ).annotate(drawn=Subquery(drawn.values("item").annotate(n=Count("pk")).values("n")))


@require_GET
def worklist(request: HttpRequest, slug: str) -> HttpResponse:
    """List what the person reads in a project: waiting, returned, submitted, accepted."""
    user = current_user(request)
    project = project_for(request, slug, "annotate")
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "to-read"
    mine = Item.objects.filter(project=project, annotator=user)
    counts = mine.aggregate(
        **{key: Count("pk", filter=Q(state__in=states)) for key, (_, states) in TABS.items()}
    )
    drafts = Draft.objects.filter(item=OuterRef("pk"), author=user)
    rows = listed(mine.filter(state__in=TABS[str(tab)][1])).annotate(
        draft_at=Subquery(drafts.values("saved_at")[:1])
    )
    found = ItemFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs)
    context = {
        "project": project,
        "tabs": [(key, label, counts[key]) for key, (label, _) in TABS.items()],
        "tab": tab,
        "filter": found,
        "page_obj": page,
        "selected": _selected(request, list(page)),
        "empty": EMPTY[str(tab)],
    }
    return render(request, "annotations/worklist.html", context)


def _selected(request: HttpRequest, rows: list[Item]) -> dict[str, Any] | None:
    """Return the row that the side shows: the one asked for, else the first."""
    asked = request.GET.get("item")
    row = next((row for row in rows if str(row.pk) == asked), rows[0] if rows else None)
    if row is None:
        return None
    return {"item": row, "seq": ledger.positions([row.ledger_ref], row.ledger_stream)}


@require_GET
def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """List what waits for the person's decision or signature in a project."""
    user = current_user(request)
    project = project_for(request, slug, "review")
    tab = request.GET.get("tab") if request.GET.get("tab") in REVIEW_TABS else "to-review"
    lists = _review_lists(project, user)
    found = ItemFilter(
        request.GET, queryset=listed(lists[str(tab)]).order_by("changed_at", "pk")
    )
    page = page_of(request, found.qs)
    context = {
        "project": project,
        "tabs": [(key, label, lists[key].count()) for key, label in REVIEW_TABS.items()],
        "tab": tab,
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([item.ledger_ref for item in page], str(project.pk)),
        "empty": REVIEW_EMPTY[str(tab)],
    }
    return render(request, "annotations/reviews.html", context)


def _review_lists(project: Project, user: User) -> dict[str, QuerySet[Item]]:
    items = Item.objects.filter(project=project)
    decided = Q(reviews__reviewer=user) & ~Q(state=State.IN_REVIEW)
    return {
        "to-review": items.to_review_by(user),
        "to-sign": items.to_sign_by(user),
        "decided": items.filter(decided).distinct(),
    }


@require_GET
def read(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Open the reading room on an item, for whoever has a part in it."""
    user = current_user(request)
    project = project_for(request, slug, "view_images")
    item = get_object_or_404(project.items.select_related("series__subject__project"), pk=pk)
    readings.mode(item, user=user)
    require_current_training(user, project)
    subjects.require_readable(item.series.subject)
    item_url = reverse("annotations-api:item", args=[item.pk])
    return render(request, "annotations/reading.html", {"item": item, "item_url": item_url})


@require_POST
def take_up(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Reopen a returned reading and go to it."""
    user = current_user(request)
    project = project_for(request, slug, "annotate")
    item = get_object_or_404(Item.objects.filter(project=project, annotator=user), pk=pk)
    form = VersionForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    annotate.reopen(item, by=user, version=version)
    require_permission(user, "view_images", project)
    return redirect("annotations:read", slug, pk)
