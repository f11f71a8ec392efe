"""Data permissions: the papers of a project, their withdrawal, and what holds a subject."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import ledger
from accounts import data_permissions
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import DataPermission, Project, SubjectWithdrawal
from accounts.web.forms import ReasonForm
from annotations.events import DatasetExported, DatasetSnapshotFrozen
from annotations.models import Snapshot, Subject
from annotations.web.permission_filters import PermissionFilter
from annotations.web.permission_forms import PermissionForm, WithdrawalForm
from annotations.web.places import page_of, project_for

VIEW = "view_ledger"
SHOWN_WITHDRAWALS = 10


@require_http_methods(["GET", "POST"])
def permissions(request: HttpRequest, slug: str) -> HttpResponse:
    """List a project's papers and withdrawn subjects; record another paper."""
    user = current_user(request)
    project = project_for(request, slug, VIEW)
    form = PermissionForm(request.POST or None, request.FILES or None, project=project)
    if request.method == "POST":
        data_permissions.require_keeper(user, project)
        if form.is_valid():
            said = form.cleaned_data
            try:
                made = data_permissions.record(
                    project, facts=form.facts, by=user, subject_ref=said["subject"]
                )
            except AccountsError as refused:
                if not refused.is_invalid_input:
                    raise
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Recorded. It permits from its first day on.")
                return redirect("annotations:permission", slug, made.pk)
    return _list(request, project, form=form)


@require_POST
def withdraw_subject(request: HttpRequest, slug: str) -> HttpResponse:
    """Close everything of one subject, from the next request on."""
    user = current_user(request)
    project = project_for(request, slug, VIEW)
    data_permissions.require_keeper(user, project)
    form = WithdrawalForm(request.POST, project=project)
    if not form.is_valid():
        return _list(request, project, withdrawal_form=form)
    said = form.cleaned_data
    made = data_permissions.withdraw_subject(
        project, subject_ref=said["subject"], by=user, reason=said["reason"]
    )
    messages.success(request, "Withdrawn. Nothing of this subject opens from now on.")
    return redirect("annotations:withdrawal", slug, made.pk)


def _list(
    request: HttpRequest,
    project: Project,
    *,
    form: PermissionForm | None = None,
    withdrawal_form: WithdrawalForm | None = None,
) -> HttpResponse:
    every = DataPermission.objects.filter(project=project)
    found = PermissionFilter(request.GET, queryset=every)
    page = page_of(request, found.qs.order_by(*found.qs.query.order_by, "-recorded_at", "pk"))
    gone = project.subject_withdrawals.select_related("withdrawn_by")
    shown = list(gone[:SHOWN_WITHDRAWALS])
    things = [*page, *shown]
    stream = str(project.pk)
    forms = {
        "form": form or PermissionForm(project=project),
        "withdrawal_form": withdrawal_form or WithdrawalForm(project=project),
    }
    context: dict[str, Any] = {
        "project": project,
        "filter": found,
        "page_obj": page,
        "has_any": every.exists(),
        "covered": {
            purpose: every.current(purpose).filter(subject_ref="").exists()
            for purpose in data_permissions.PURPOSES
        },
        "withdrawals": shown,
        "more_withdrawn": gone.count() - len(shown),
        "codes": codes(project, [each.subject_ref for each in things]),
        "positions": ledger.positions([each.ledger_ref for each in things], stream),
        "stream_key": stream,
        "may_keep": data_permissions.is_keeper(current_user(request), project),
    } | forms
    status = 422 if any(each.is_bound for each in forms.values()) else 200
    return render(request, "annotations/permissions.html", context, status=status)


def codes(project: Project, refs: list[str]) -> dict[str, str]:
    """Return what the subjects are called here, by reference."""
    keys = [ref.partition(":")[2] for ref in refs if ref]
    found = Subject.objects.filter(project=project, pk__in=keys)
    return {subject.ledger_ref: subject.code for subject in found}


@require_GET
def permission(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show one paper and its history; withdraw it."""
    project = project_for(request, slug, VIEW)
    found = get_object_or_404(DataPermission.objects.filter(project=project), pk=pk)
    return _paper(request, project, found, ReasonForm())


@require_POST
def withdraw_permission(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a paper, with a reason."""
    user = current_user(request)
    project = project_for(request, slug, VIEW)
    found = get_object_or_404(DataPermission.objects.filter(project=project), pk=pk)
    data_permissions.require_keeper(user, project)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _paper(request, project, found, form)
    data_permissions.withdraw(found, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, "Withdrawn. It permits nothing from now on.")
    return redirect("annotations:permission", slug, pk)


def _paper(
    request: HttpRequest, project: Project, found: DataPermission, form: ReasonForm
) -> HttpResponse:
    entries = ledger.about(found.ledger_ref, stream=found.ledger_stream)
    context: dict[str, Any] = {
        "project": project,
        "permission": found,
        "code": codes(project, [found.subject_ref]).get(found.subject_ref, ""),
        "steps": steps(entries, str(project.pk)),
        "form": form,
        "may_keep": data_permissions.is_keeper(current_user(request), project),
    }
    if found.subject_ref:
        context |= holding(project, found.subject_ref)
    status = 422 if form.is_bound else 200
    return render(request, "annotations/permission.html", context, status=status)


@require_GET
def withdrawal(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show a withdrawn subject with every snapshot and export that holds it."""
    project = project_for(request, slug, VIEW)
    rows = SubjectWithdrawal.objects.filter(project=project).select_related("withdrawn_by")
    found = get_object_or_404(rows, pk=pk)
    entries = ledger.about(found.ledger_ref, stream=found.ledger_stream)
    refs = [found.subject_ref]
    context = {
        "project": project,
        "withdrawal": found,
        "code": codes(project, refs).get(found.subject_ref, "a subject that is erased"),
        "is_closed": bool(data_permissions.withdrawn(project, refs)),
        "steps": steps(entries, str(project.pk)),
        **holding(project, found.subject_ref),
    }
    return render(request, "annotations/withdrawal.html", context)


def holding(project: Project, subject_ref: str) -> dict[str, Any]:
    """Return every snapshot that holds the subject, with where it was frozen and exported."""
    key = subject_ref.partition(":")[2]
    held = list(
        Snapshot.objects.filter(
            project=project, members__item__series__subject__pk=key
        ).distinct()
    )
    stream = str(project.pk)
    entries = ledger.about(*(one.ledger_ref for one in held), stream=stream) if held else []
    rows: list[dict[str, Any]] = [
        {
            "snapshot": one,
            "frozen": next((e for e in mine if e.event == DatasetSnapshotFrozen.name), None),
            "exports": [e for e in mine if e.event == DatasetExported.name],
        }
        for one in held
        for mine in [[e for e in entries if e.subject == one.ledger_ref]]
    ]
    return {
        "held": rows,
        "exported": sum(len(row["exports"]) for row in rows),
        "names": ledger.name_of({entry.actor for entry in entries}),
        "stream_key": stream,
    }


SAYS = {"permission.recorded": "Recorded", "permission.withdrawn": "Withdrawn"}


def steps(entries: list[ledger.Record], stream: str) -> list[dict[str, Any]]:
    """Return what the record says about a paper or a withdrawal, newest first."""
    names = ledger.name_of({entry.actor for entry in entries})
    return [
        {
            "what": SAYS.get(entry.event, entry.event),
            "who": f"by {names.get(entry.actor, entry.actor)}",
            "at": entry.at,
            "why": entry.reason,
            "seq": entry.sequence,
            "stream_key": stream,
            "kind": "void" if entry.event == "permission.withdrawn" else "",
        }
        for entry in reversed(entries)
    ]
