"""The pages on which a data manager publishes a protocol and hands out work."""

from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

import ledger
from accounts.http import current_user
from accounts.models import Project
from accounts.permissions import has_permission
from annotations import assign, protocols
from annotations.errors import AlreadyAssignedError
from annotations.models import Item, Protocol, Series
from annotations.web.flow_forms import AssignForm, ProtocolForm, annotators_of
from annotations.web.item_filters import SeriesFilter
from annotations.web.places import page_of, project_for

EXAMPLE = "4147007 | SCT | Mass | both"


@require_http_methods(["GET", "POST"])
def assignments(request: HttpRequest, slug: str) -> HttpResponse:
    """List series with who reads them; assign ticked ones to a person."""
    project = project_for(request, slug, "assign_items")
    form = AssignForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        return _assigned(request, project, form)
    rows = (
        Series.objects.filter(project=project)
        .select_related("subject")
        .prefetch_related("items__annotator")
        .order_by("subject__number", "pk")
    )
    found = SeriesFilter(request.GET, queryset=rows)
    context = {
        "project": project,
        "form": form,
        "filter": found,
        "page_obj": page_of(request, found.qs),
        "protocol": Protocol.objects.filter(project=project).first(),
        "people": _loads(project),
    }
    status = 422 if form.is_bound else 200
    return render(request, "annotations/assignments.html", context, status=status)


def _assigned(request: HttpRequest, project: Project, form: AssignForm) -> HttpResponse:
    """Assign each ticked series; those the person already reads stay as they are."""
    annotator = form.cleaned_data["annotator"]
    done = held = 0
    for series in form.cleaned_data["series"]:
        try:
            assign.assign(series, annotator=annotator, by=current_user(request))
        except AlreadyAssignedError:
            held += 1
        else:
            done += 1
    kept = f" {held} were assigned before and stay as they are." if held else ""
    messages.success(request, f"{done} series assigned to {annotator.printed_name}.{kept}")
    return redirect(request.get_full_path())


def _loads(project: Project) -> list[dict[str, object]]:
    """Count what each annotator of the project has in hand and has had accepted."""
    here = Q(items__project=project)
    waits = Q(items__state__in=[Item.State.DRAFT, Item.State.REJECTED])
    people = annotators_of(project).annotate(
        waiting=Coalesce(Count("items", filter=here & waits, distinct=True), 0),
        finished=Coalesce(Count("items", filter=here & ~waits, distinct=True), 0),
    )
    return [
        {"name": p.printed_name, "waiting": p.waiting, "finished": p.finished} for p in people
    ]


@require_http_methods(["GET", "POST"])
def protocol(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the versions of a project's protocol; publish the next one."""
    user = current_user(request)
    project = project_for(request, slug, "view_project")
    may_publish = has_permission(user, "assign_items", project)
    form = ProtocolForm(request.POST or None, initial=_initial(project))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = protocols.publish(project, name=said["name"], labels=said["labels"], by=user)
        messages.success(request, f"{made} is published; work assigned from now on follows it.")
        return redirect("annotations:protocol", slug)
    versions = list(Protocol.objects.filter(project=project))
    context = {
        "project": project,
        "versions": versions,
        "positions": ledger.positions([v.ledger_ref for v in versions], str(project.pk)),
        "may_publish": may_publish,
        "form": form,
        "example": EXAMPLE,
    }
    status = 422 if form.is_bound else 200
    return render(request, "annotations/protocol.html", context, status=status)


def _initial(project: Project) -> dict[str, str]:
    """Begin the next version from the one in force."""
    newest = Protocol.objects.filter(project=project).first()
    if newest is None:
        return {"labels": EXAMPLE}
    lines = (
        f"{label['value']} | {label['scheme']} | {label['meaning']} | "
        f"{'both' if len(label['kinds']) > 1 else label['kinds'][0]}"
        for label in newest.labels
    )
    return {"name": newest.name, "labels": "\n".join(lines)}
