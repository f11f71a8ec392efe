"""The list of courses; one course with its versions and who must have passed them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import courses
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import Course, TrainingRequirement
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.forms import ReasonForm, ThemedForm
from accounts.web.lists import page_of
from accounts.web.training_filters import CourseFilter
from accounts.web.training_forms import CourseForm, RequirementForm, VersionForm


@require_http_methods(["GET", "POST"])
def courses_list(request: HttpRequest) -> HttpResponse:
    """List the courses; put one on the list."""
    user = current_user(request)
    posted = request.method == "POST"
    require_organisation_permission(user, "manage_training" if posted else "view_training")
    form = CourseForm(request.POST if posted else None)
    if posted and form.is_valid():
        try:
            course = courses.add(by=user, **form.cleaned_data)
        except (AccountsError, ValidationError) as refused:
            form.add_error(
                None, str(refused) if isinstance(refused, AccountsError) else refused
            )
        else:
            messages.success(request, f"{course} is on the list; publish its first version.")
            return redirect("accounts:course", course.pk)
    asking = Q(versions__requirements__ended_at=None, versions__requirements__isnull=False)
    rows = Course.objects.annotate(
        newest=Max("versions__number"),
        projects=Count("versions__requirements__project", filter=asking, distinct=True),
    )
    found = CourseFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page_obj": page,
        "form": form,
        "has_any": Course.objects.exists(),
        "positions": ledger.positions([course.ledger_ref for course in page]),
        "may_manage": has_organisation_permission(user, "manage_training"),
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/courses.html", context, status=status)


@require_safe
def course(request: HttpRequest, pk: str) -> HttpResponse:
    """Show one course."""
    require_organisation_permission(current_user(request), "view_training")
    return _render(request, get_object_or_404(Course, pk=pk))


@require_POST
def publish(request: HttpRequest, pk: str) -> HttpResponse:
    """Publish the next version of a course."""
    user = current_user(request)
    require_organisation_permission(user, "manage_training")
    found = get_object_or_404(Course, pk=pk)
    form = VersionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render(request, found, version_form=form)
    version = courses.publish_version(found, by=user, **form.cleaned_data)
    messages.success(request, f"{version} is published.")
    return redirect("accounts:course", found.pk)


@require_POST
def require(request: HttpRequest, pk: str) -> HttpResponse:
    """Let a project ask for a version of the course."""
    user = current_user(request)
    require_organisation_permission(user, "manage_training")
    found = get_object_or_404(Course, pk=pk)
    form = RequirementForm(request.POST, versions=found.versions.select_related("course"))
    if form.is_valid():
        said = dict(form.cleaned_data)
        try:
            asked = courses.require(said.pop("project"), by=user, **said)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{asked.project} asks for {asked.version}.")
            return redirect("accounts:course", found.pk)
    return _render(request, found, requirement_form=form)


@require_POST
def end(request: HttpRequest, pk: str) -> HttpResponse:
    """Let a project ask for a version no longer."""
    user = current_user(request)
    require_organisation_permission(user, "manage_training")
    found = TrainingRequirement.objects.select_related("version__course", "project")
    asked = get_object_or_404(found, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _render(request, asked.version.course, end_form=form, ending=asked)
    courses.end_requirement(asked, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"{asked.project} asks for it no longer.")
    return redirect("accounts:course", asked.version.course_id)


def _render(
    request: HttpRequest,
    found: Course,
    ending: TrainingRequirement | None = None,
    **refused: ThemedForm,
) -> HttpResponse:
    """Draw the page of a course, with the form that was not accepted where there is one."""
    versions = found.versions.annotate(
        people=Count(
            "completions__user",
            filter=Q(completions__passed=True, completions__withdrawn_at=None),
            distinct=True,
        )
    )
    asked = TrainingRequirement.objects.standing().filter(version__course=found)
    entries = {
        entry.payload["version_id"]: entry.sequence
        for entry in ledger.about(found.ledger_ref)
        if "version_id" in entry.payload
    }
    context = {
        "course": found,
        "versions": [(version, entries.get(str(version.pk))) for version in versions],
        "asked": asked.select_related("project", "version__course"),
        "may_manage": has_organisation_permission(current_user(request), "manage_training"),
        "version_form": VersionForm(),
        "requirement_form": RequirementForm(versions=found.versions.select_related("course")),
        "end_form": ReasonForm(),
        "ending": ending.pk if ending else None,
        **refused,
    }
    status = 422 if refused else 200
    return render(request, "accounts/course.html", context, status=status)
