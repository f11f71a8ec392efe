"""Pages for imports: begin one, follow what becomes of each file, take the list away."""

from __future__ import annotations

import csv
import uuid
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

import ledger
from accounts.http import current_user
from annotations import batches, titles
from annotations.models import ImportBatch, ImportedFile
from annotations.web.places import page_of, project_for

Status = ImportedFile.Status
COLUMNS = (
    # status, shape, fill of the bar, and what the number means
    (Status.IMPORTED, "evidenced", "f-1", "stored, ready to assign"),
    (Status.QUARANTINED, "partly", "f-partly", "held for a person's decision"),
    (Status.DUPLICATE, "na", "f-2", "here already, kept once"),
    (Status.REJECTED, "failed", "f-failed", "not stored; still counted"),
)
SHAPES = {status: shape for status, shape, _, _ in COLUMNS}
LIMIT = {
    "limit_bytes": batches.MAX_FILE_BYTES,
    "limit_mb": batches.MAX_FILE_BYTES // 1024**2,
}
BAR = 1040  # units of width, as in the figure's view box


@require_GET
def imports(request: HttpRequest, slug: str) -> HttpResponse:
    """List a project's imports and begin another."""
    project = project_for(request, slug, "import_images")
    recent = ImportBatch.objects.filter(project=project)
    page = page_of(
        request, recent.annotate(arrived=Count("files")).order_by("-created_at", "pk")
    )
    names = ledger.name_of({batch.actor for batch in page})
    names[batches.SYSTEM] = "Command line"
    counted = _counted([batch.pk for batch in page])
    context = {
        "project": project,
        "page_obj": page,
        "rows": [(batch, counted.get(batch.pk, {}), names[batch.actor]) for batch in page],
        **LIMIT,
    }
    return render(request, "annotations/imports.html", context)


@require_GET
def import_batch(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show how far an import is and each of its files; alone the figures if htmx asks."""
    project = project_for(request, slug, "import_images")
    batch = get_object_or_404(
        ImportBatch.objects.select_related("started_by", "project"), project=project, pk=pk
    )
    outcome = request.GET.get("outcome", "")
    files = batch.files.select_related("instance__series__subject", "decided_by")
    if outcome in Status.values:
        files = files.filter(status=outcome)
    page = page_of(request, files.order_by("-number"))
    context = {
        "project": project,
        "batch": batch,
        "outcome": outcome,
        "page_obj": page,
        "rows": _rows(list(page), str(project.pk)),
        "stream_key": str(project.pk),
        "started": ledger.positions([batch.ledger_ref], str(project.pk)),
        **LIMIT,
        **progress(batch),
    }
    part = request.headers.get("HX-Request") == "true"
    template = "annotations/parts/import_progress.html" if part else "annotations/import.html"
    return render(request, template, context)


@require_POST
def end_import(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """End an import whose remaining files will not come."""
    project = project_for(request, slug, "import_images")
    batch = get_object_or_404(ImportBatch, project=project, pk=pk)
    batches.end_early(batch, by=current_user(request))
    return redirect("annotations:import_batch", slug, pk)


@require_GET
def import_list(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Return the files of an import as CSV: number, outcome, reason, entry."""
    project = project_for(request, slug, "import_images")
    batch = get_object_or_404(ImportBatch, project=project, pk=pk)
    files = list(batch.files.select_related("instance").order_by("number"))
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="import-{batch.pk}.csv"',
        },
    )
    writer = csv.writer(answer)
    writer.writerow(["file", "outcome", "reason_code", "reason", "bytes", "entry"])
    places = _positions(files, str(project.pk))
    for file in files:
        place = places.get(file.pk, "")
        row = [file.number, file.status, file.reason_code, file.reason, file.size, place]
        writer.writerow(row)
    return answer


def progress(batch: ImportBatch) -> dict[str, Any]:
    """Return the six numbers, which add up, and the widths of the bar's parts."""
    counts = batches.outcomes(batch)
    settled = sum(counts[status] for status, *_ in COLUMNS)
    to_come = max(batch.listed - settled, 0)
    parts, start = [], 0.0
    for status, shape, fill, meaning in COLUMNS:
        width = BAR * counts[status] / batch.listed
        parts.append(
            {
                "status": status.value,
                "label": status.label,
                "shape": shape,
                "fill": fill,
                "meaning": meaning,
                "count": counts[status],
                "x": f"{start:.1f}",
                "width": f"{width:.1f}",
            }
        )
        start += width
    return {
        "parts": parts,
        "settled": settled,
        "to_come": to_come,
        "arrived": settled + counts[Status.WAITING],
        "waiting": counts[Status.WAITING],
        "is_running": batch.finished_at is None,
    }


def _counted(batches_shown: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    counted: dict[uuid.UUID, dict[str, int]] = {}
    files = ImportedFile.objects.filter(batch__in=batches_shown).order_by()
    for batch, status, count in files.values_list("batch", "status").annotate(Count("pk")):
        counted.setdefault(batch, {})[status] = count
    return counted


def _rows(files: list[ImportedFile], stream: str) -> list[dict[str, Any]]:
    places = _positions(files, stream)
    return [
        {
            "file": file,
            "shape": SHAPES.get(Status(file.status), "na"),
            "what": what_it_is(file),
            "series": file.instance.series if file.instance else None,
            "seq": places.get(file.pk),
        }
        for file in files
    ]


def what_it_is(file: ImportedFile) -> str:
    """Say in coded words what a file holds, as far as it is known."""
    if file.instance:
        return file.instance.series.title
    if file.received:
        return titles.modality(file.facts["modality"])
    return "Not opened yet" if file.status == Status.WAITING else "Not kept"


def _positions(files: list[ImportedFile], stream: str) -> dict[uuid.UUID, int]:
    """Return where the record speaks of each file: its own newest entry, or its image's."""
    refs = {file.pk: _refs(file) for file in files}
    found = ledger.positions([ref for pair in refs.values() for ref in pair], stream)
    return {
        pk: next(found[ref] for ref in pair if ref in found)
        for pk, pair in refs.items()
        if any(ref in found for ref in pair)
    }


def _refs(file: ImportedFile) -> list[str]:
    own = [file.ledger_ref]
    return [*own, file.instance.ledger_ref] if file.instance else own
