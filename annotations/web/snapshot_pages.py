"""The pages on which datasets are frozen, looked into and handed out."""

import io
import uuid
import zipfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import ledger
from accounts.http import current_user
from accounts.permissions import has_permission
from annotations import export, snapshot
from annotations.formats import formats
from annotations.models import Item, Snapshot, SnapshotMember
from annotations.split import SUBSETS, Split
from annotations.web.flow_forms import FreezeForm
from annotations.web.places import page_of, project_for

BAR = 640  # width of the split's figure in its own units
GAP = 3
FILLS = dict(zip(SUBSETS, ("f-1", "f-2", "f-4"), strict=True))


@require_http_methods(["GET", "POST"])
def snapshots(request: HttpRequest, slug: str) -> HttpResponse:
    """List the frozen datasets of a project; freeze the next one."""
    user = current_user(request)
    project = project_for(request, slug, "view_records")
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        split = Split.parse(form.cleaned_data["split"])
        name = form.cleaned_data["name"]
        made = snapshot.freeze(project, name=name, split=split, by=user)
        messages.success(request, f"{made.name} is frozen; its root is {made.root[:8]} ….")
        return redirect("annotations:snapshot", slug, made.pk)
    page = page_of(request, Snapshot.objects.filter(project=project))
    items = Item.objects.filter(project=project)
    context = {
        "project": project,
        "page_obj": page,
        "rows": [(one, _totals(one)) for one in page],
        "positions": ledger.positions([one.ledger_ref for one in page], str(project.pk)),
        "names": ledger.name_of({one.frozen_by for one in page}),
        "form": form,
        "sees_permissions": has_permission(user, "view_ledger", project),
        "may_freeze": has_permission(user, "freeze_snapshot", project),
        "accepted": items.accepted().count(),
        "all_items": items.count(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "annotations/snapshots.html", context, status=status)


def _totals(one: Snapshot) -> dict[str, int]:
    """Add up the subsets' counts."""
    counts = one.body["counts"].values()
    return {what: sum(subset[what] for subset in counts) for what in snapshot.COUNTED}


@require_GET
def detail(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show one frozen dataset: split, members, root, exports; re-hash it when asked."""
    user = current_user(request)
    project = project_for(request, slug, "view_records")
    one = get_object_or_404(Snapshot.objects.filter(project=project), pk=pk)
    entries = ledger.about(one.ledger_ref, stream=one.ledger_stream)
    members = SnapshotMember.objects.filter(snapshot=one).order_by("position")
    if request.GET.get("subset") in SUBSETS:
        members = members.filter(subset=request.GET["subset"])
    context = {
        "project": project,
        "snapshot": one,
        "totals": _totals(one),
        "bar": _bar(one),
        "page_obj": page_of(request, members),
        "frozen": next((e for e in entries if e.event == "dataset.snapshot_frozen"), None),
        "exports": [e for e in entries if e.event == "dataset.exported"],
        "names": ledger.name_of({one.frozen_by} | {e.actor for e in entries}),
        "formats": sorted(formats.values(), key=lambda each: each.name),
        "may_export": has_permission(user, "export_snapshot", project),
        "rehash": snapshot.rehash(one) if request.GET.get("check") else None,
    }
    return render(request, "annotations/snapshot.html", context)


def _bar(one: Snapshot) -> list[dict[str, Any]]:
    """Return the three parts of the split's bar, by subjects, with their places."""
    counts = one.body["counts"]
    total = sum(counts[subset]["subjects"] for subset in SUBSETS) or 1
    parts, left = [], 0.0
    for subset, label in SnapshotMember.Subset.choices:
        width = (BAR - 2 * GAP) * counts[subset]["subjects"] / total
        parts.append(
            {
                "subset": subset,
                "label": label,
                "fill": FILLS[subset],
                "x": round(left, 1),
                "middle": round(left + width / 2, 1),
                "width": round(width, 1),
                "counts": counts[subset],
            }
        )
        left += width + (GAP if width else 0)
    return parts


@require_POST
def exported(request: HttpRequest, slug: str, pk: uuid.UUID, name: str) -> FileResponse:
    """Record an export and hand its files over as one archive."""
    user = current_user(request)
    project = project_for(request, slug, "export_snapshot")
    one = get_object_or_404(
        Snapshot.objects.filter(project=project).select_related("project"), pk=pk
    )
    package = export.export(one, format_name=name, by=user)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for path, content in sorted(package.files.items()):
            files.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    archive.seek(0)
    return FileResponse(
        archive,
        as_attachment=True,
        filename=f"{project.slug}-{one.root[:8]}-{name}.zip",
        headers={"Cache-Control": "no-store"},
    )
