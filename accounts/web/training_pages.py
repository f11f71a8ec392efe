"""Training: one's own, everybody's as a matrix, and recording what people completed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import training
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import TrainingCompletion, User
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.training import Result
from accounts.web import training_states
from accounts.web.forms import ReasonForm
from accounts.web.lists import page_of
from accounts.web.training_filters import TrainingFilter
from accounts.web.training_forms import CompletionForm

OWN_SHOWN = 50
MOST_AT_ONCE = 200


@require_safe
def my_training(request: HttpRequest) -> HttpResponse:
    """Show people what their projects ask of them, until when it holds, and what they did."""
    user = current_user(request)
    context = {
        "asked": training_states.own(user),
        "done": user.completions.select_related("version__course")[:OWN_SHOWN],
        "qualifications": user.qualifications.select_related("verified_by"),
    }
    return render(request, "accounts/my_training.html", context)


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """List people against courses: who holds what, until when, and what is missing."""
    user = current_user(request)
    require_organisation_permission(user, "view_training")
    found = TrainingFilter(request.GET, queryset=User.objects.filter(is_active=True))
    page = page_of(request, found.qs)
    project = found.form.cleaned_data.get("project") if found.form.is_valid() else None
    courses, of = training_states.columns(project)
    rows = training_states.matrix(page, courses)
    context = {
        "filter": found,
        "page_obj": page,
        "courses": courses,
        "of": of,
        "rows": rows,
        "missing": unmet_count(),
        "may_manage": has_organisation_permission(user, "manage_training"),
    }
    return render(request, "accounts/training.html", context)


def unmet_count() -> int:
    """Return how many people lack something that is asked of them."""
    found = TrainingFilter({"state": "missing"}, queryset=User.objects.filter(is_active=True))
    return int(found.qs.count())


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Record what one person completed, or several together."""
    user = current_user(request)
    require_organisation_permission(user, "manage_training")
    chosen = _chosen(request)
    people = User.objects.filter(is_active=True, pk__in=chosen).exclude(pk=user.pk)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    initial = {"people": list(people), "version": request.GET.get("version")}
    form = CompletionForm(*sent, people=people, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        everybody = list(said.pop("people"))
        try:
            done = training.complete_many(everybody, result=Result(**said), by=user)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _recorded(done))
            return redirect("accounts:training")
    context = {"form": form, "people": people}
    status = 422 if form.errors else 200
    return render(request, "accounts/record_training.html", context, status=status)


def _chosen(request: HttpRequest) -> list[UUID]:
    """Return the ids of the people that the address or the form names, as far as they are."""
    sent = request.POST if request.method == "POST" else request.GET
    found = []
    for text in sent.getlist("people")[:MOST_AT_ONCE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _recorded(done: list[TrainingCompletion]) -> str:
    version = done[0].version
    whom = done[0].user.printed_name if len(done) == 1 else f"{len(done)} people"
    if not done[0].passed:
        return f"{version}: the try of {whom} is on record; it stays below the pass mark."
    return f"{version} is on record for {whom}."


@require_POST
def withdraw(request: HttpRequest, pk: str) -> HttpResponse:
    """Say that a completion was recorded in error."""
    user = current_user(request)
    require_organisation_permission(user, "manage_training")
    found = TrainingCompletion.objects.select_related("user")
    completion = get_object_or_404(found, pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        training.withdraw(completion, by=user, reason=form.cleaned_data["reason"])
        messages.success(request, "The completion counts no longer; what was said stays.")
    else:
        messages.error(request, "Say why it was recorded in error; nothing was changed.")
    return redirect("accounts:person_training", completion.user_id)
