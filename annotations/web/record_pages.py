"""The record of a reading: who, when, old, new, why; and what can be shown of it."""

import json
import uuid
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.http import current_session, current_user
from accounts.permissions import has_permission
from annotations import readings, review, subjects, viewing
from annotations.imaging import pictures, renditions
from annotations.models import Instance, Item, Revision
from annotations.web import histories
from annotations.web.drawings import drawing_of
from annotations.web.flow_forms import ReopenForm
from annotations.web.item_filters import RecordFilter
from annotations.web.places import page_of, project_for
from annotations.web.worklist_pages import listed

if TYPE_CHECKING:
    from annotations.imaging.pixels import DType


@require_GET
def records(request: HttpRequest, slug: str) -> HttpResponse:
    """List every reading of a project, for those who look at records."""
    project = project_for(request, slug, "view_records")
    rows = listed(Item.objects.filter(project=project)).order_by("-changed_at", "pk")
    found = RecordFilter(request.GET, queryset=rows)
    context = {
        "project": project,
        "filter": found,
        "page_obj": page_of(request, found.qs),
        "hides_images": not has_permission(current_user(request), "view_images", project),
    }
    return render(request, "annotations/records.html", context)


@require_GET
def record(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show one reading's whole history, and what its newest change changed."""
    user = current_user(request)
    project = project_for(request, slug, "view_project")
    items = Item.objects.select_related(
        "project", "series__subject", "annotator", "reviewer", "protocol"
    )
    item = get_object_or_404(items.filter(project=project), pk=pk)
    readings.mode(item, user=user)
    revisions = list(
        Revision.objects.filter(annotation__item=item)
        .select_related("author", "instance")
        .order_by("created_at", "id")
    )
    history = histories.of(item, revisions)
    context = history | {
        "project": project,
        "item": item,
        "sees_images": has_permission(user, "view_images", project),
        "may_reopen": item.is_accepted
        and item.annotator_id != user.pk
        and has_permission(user, "review", project),
        "form": ReopenForm(initial={"version": item.version}),
    }
    context |= _shown(revisions, request.GET.get("annotation"))
    return render(request, "annotations/record.html", context)


def _shown(revisions: list[Revision], asked: str | None) -> dict[str, Any]:
    """Return the annotation in the middle: the one asked for, else the one changed last."""
    newest = {revision.annotation_id: revision for revision in revisions}
    if not newest:
        return {"marks": [], "shown": None}
    shown = next(
        (revision for key, revision in newest.items() if str(key) == asked),
        revisions[-1],
    )
    before = next(
        (
            revision
            for revision in revisions
            if revision.annotation_id == shown.annotation_id
            and revision.number == shown.number - 1
        ),
        None,
    )
    return {
        "marks": sorted(newest.values(), key=lambda r: r.body["tracking_id"]),
        "shown": shown,
        "before": before,
        "drawing": drawing_of(shown, before),
    }


@require_POST
def reopen(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Give accepted work back to its annotator, with a reason."""
    user = current_user(request)
    project = project_for(request, slug, "review")
    item = get_object_or_404(Item.objects.filter(project=project), pk=pk)
    form = ReopenForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    review.reopen(
        item,
        by=user,
        version=said.get("version", item.version),
        reason=said.get("reason", ""),
    )
    return redirect("annotations:record", slug, pk)


@never_cache
@require_GET
def picture(request: HttpRequest, slug: str, pk: uuid.UUID, frame: int) -> HttpResponse:
    """Return one frame as PNG, for people who may open the project's images."""
    user = current_user(request)
    project = project_for(request, slug, "view_images")
    images = Instance.objects.filter(project=project).select_related(
        "series__project", "series__subject"
    )
    image = get_object_or_404(images, pk=pk, frames__gt=frame)
    subject = image.series.subject
    if subject.erased_at:
        return HttpResponse(pictures.WITHHELD, content_type="image/svg+xml", status=410)
    if not subjects.is_open(project.pk, subject.pk):
        return HttpResponse(pictures.CLOSED, content_type="image/svg+xml", status=409)
    viewing.open_series(image.series, by=user, session=str(current_session(request).pk))
    values = renditions.load(
        image.renditions[frame],
        stored=cast("DType", image.dtype),
        owner=subjects.owner(subject),
    )
    content = pictures.png(values, json.loads(image.facts) | {"dtype": image.dtype})
    return HttpResponse(
        content, content_type="image/png", headers={"Cache-Control": "no-store"}
    )
