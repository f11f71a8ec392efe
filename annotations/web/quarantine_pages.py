"""Pages for quarantine: what is held and for how long, a look at it, and the decision."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

import ledger
from accounts.http import current_session, current_user
from accounts.models import Project
from accounts.training import require_current_training
from annotations import quarantine, settle, subjects, titles, viewing
from annotations.imaging import blobs, pictures, renditions
from annotations.models import ImportedFile
from annotations.web.image_forms import DecisionForm
from annotations.web.places import page_of, project_for

Status = ImportedFile.Status
HELD_ROWS = 8  # beside the image, so that it is seen without scrolling


@require_GET
def held(request: HttpRequest, slug: str) -> HttpResponse:
    """List what is held, oldest first, with the oldest opened."""
    project = project_for(request, slug, "decide_quarantine")
    first = _list(project, request.GET.get("tab", "")).first()
    return _page(request, project, first)


@require_http_methods(["GET", "POST"])
def held_item(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show one held image and why it is held; record the decision about it."""
    user = current_user(request)
    project = project_for(request, slug, "decide_quarantine")
    file = _held_file(project, pk)
    if request.method == "GET":
        return _page(request, project, file)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, project, file, form=form, status=422)
    file = quarantine.decide(
        file,
        by=user,
        accept=form.cleaned_data["decision"] == "accept",
        reason=form.cleaned_data["reason"],
        version=form.cleaned_data["version"],
    )
    if file.instance:
        said = f"Released as {file.instance.series.subject.code}, {file.instance.series.title}."
    else:
        said = "Rejected. The image and its original are destroyed; it stays in the count."
    messages.success(request, said)
    return redirect("annotations:quarantine", slug)


@require_GET
def held_frame(request: HttpRequest, slug: str, pk: uuid.UUID, number: int) -> HttpResponse:
    """Return one frame of a held image as PNG, in full size; looking is recorded."""
    project = project_for(request, slug, "decide_quarantine")
    file = _undecided_file(project, pk)
    found = settle.found_in(file)
    if number >= len(found.frames):
        raise Http404
    subjects.require_held_permitted(file)
    session = str(current_session(request).pk)
    viewing.open_held(file, by=current_user(request), session=session)
    frame = renditions.load(
        found.frames[number], stored=found.facts["dtype"], owner=found.owner
    )
    picture = pictures.png(frame, found.facts)
    return HttpResponse(picture, content_type="image/png")


@require_GET
def held_thumbnail(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Return a small PNG of a held image, for the list."""
    project = project_for(request, slug, "decide_quarantine")
    require_current_training(current_user(request), project)
    file = _undecided_file(project, pk)
    subjects.require_held_permitted(file)
    found = settle.found_in(file)
    content = blobs.get(found.thumbnail, owner=found.owner)
    return HttpResponse(content, content_type="image/png")


def _held_file(project: Project, pk: uuid.UUID) -> ImportedFile:
    files = ImportedFile.objects.filter(project=project, status=Status.QUARANTINED)
    files = files.select_related("project", "batch__started_by", "decided_by")
    return get_object_or_404(files.select_related("instance__series__subject"), pk=pk)


def _undecided_file(project: Project, pk: uuid.UUID) -> ImportedFile:
    file = _held_file(project, pk)
    if not file.is_undecided:
        raise Http404
    return file


def _list(project: Project, tab: str) -> QuerySet[ImportedFile]:
    held = ImportedFile.objects.filter(project=project, status=Status.QUARANTINED)
    held = held.select_related("decided_by", "instance__series__subject")
    if tab == "decided":
        return held.exclude(decision="").order_by("-decided_at", "pk")
    return held.filter(decision="").order_by("settled_at", "pk")


def _page(
    request: HttpRequest,
    project: Project,
    file: ImportedFile | None,
    *,
    form: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    tab = request.GET.get("tab") or ("decided" if file and file.decision else "waiting")
    page = page_of(request, _list(project, tab), HELD_ROWS)
    context = {
        "project": project,
        "tab": tab,
        "waiting": _list(project, "").count(),
        "page_obj": page,
        "rows": [_row(each) for each in page],
        "file": file,
        "form": form,
        "stream_key": str(project.pk),
        **(_opened(request, file) if file else {}),
    }
    return render(request, "annotations/quarantine.html", context, status=status)


def _row(file: ImportedFile) -> dict[str, Any]:
    return {"file": file, "what": _what(file), "why": _why(file), "age": _age(file)}


def _what(file: ImportedFile) -> str:
    if file.instance:
        return f"{file.instance.series.subject.code}, {file.instance.series.title}"
    return titles.modality(file.facts.get("modality", ""))


def _why(file: ImportedFile) -> str:
    """Return the reason without what every reason begins with."""
    before, colon, after = file.reason.partition(": ")
    return after[:1].upper() + after[1:] if colon else before


def _age(file: ImportedFile) -> str:
    days = (timezone.now() - (file.settled_at or file.created_at)).days
    return "today" if not days else f"{days} day{'s' if days > 1 else ''}"


def _opened(request: HttpRequest, file: ImportedFile) -> dict[str, Any]:
    """Return what the page shows of the file itself."""
    refs = [file.ledger_ref]
    shown: dict[str, Any] = {
        "what": _what(file),
        "why": _why(file),
        "entries": ledger.about(*refs, stream=str(file.project_id)),
    }
    if not file.is_undecided:
        return shown
    found = settle.found_in(file)
    last = len(found.frames) - 1
    asked = request.GET.get("frame", "0")
    frame = min(int(asked), last) if asked.isascii() and asked.isdigit() else 0
    counts = found.counts
    return shown | {
        "facts": found.facts,
        "frame": frame,
        "frames": len(found.frames),
        "previous": frame - 1 if frame else None,
        "next": frame + 1 if frame < last else None,
        "counts": [(name.replace("_", " "), count) for name, count in sorted(counts.items())],
        "profile": found.profile,
    }
