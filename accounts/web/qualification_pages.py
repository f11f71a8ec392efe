"""One person's training and qualifications, now and as the record proves it of a day."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

import ledger
from accounts import qualifications, training_days
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import Qualification, User
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.qualifications import Claimed
from accounts.web import training_states
from accounts.web.forms import ReasonForm, ThemedForm
from accounts.web.training_forms import MethodForm, QualificationForm


@require_safe
def person_training(request: HttpRequest, pk: str) -> HttpResponse:
    """Show what a person was trained for on a day, by the entries, and what stands now."""
    require_organisation_permission(current_user(request), "view_training")
    return _render(request, get_object_or_404(User, pk=pk))


@require_POST
def record(request: HttpRequest, pk: str) -> HttpResponse:
    """Put a qualification on record."""
    user = current_user(request)
    require_organisation_permission(user, "manage_training")
    person = get_object_or_404(User, pk=pk)
    form = QualificationForm(request.POST)
    if form.is_valid():
        try:
            qualifications.record(person, claimed=Claimed(**form.cleaned_data), by=user)
        except (AccountsError, ValidationError) as refused:
            form.add_error(
                None, str(refused) if isinstance(refused, AccountsError) else refused
            )
        else:
            messages.success(request, "On record. It counts once another person verified it.")
            return redirect("accounts:person_training", person.pk)
    return _render(request, person, form=form)


@require_POST
def verify(request: HttpRequest, pk: str) -> HttpResponse:
    """Say that a qualification was checked, and how."""
    user = current_user(request)
    require_organisation_permission(user, "verify_qualifications")
    held = get_object_or_404(Qualification.objects.select_related("user"), pk=pk)
    form = MethodForm(request.POST)
    if not form.is_valid():
        return _render(request, held.user, method_form=form, chosen=held)
    qualifications.verify(held, by=user, method=form.cleaned_data["method"])
    messages.success(request, f"{held} is verified.")
    return redirect("accounts:person_training", held.user_id)


@require_POST
def withdraw(request: HttpRequest, pk: str) -> HttpResponse:
    """Say that a qualification counts no longer."""
    user = current_user(request)
    require_organisation_permission(user, "verify_qualifications")
    held = get_object_or_404(Qualification.objects.select_related("user"), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _render(request, held.user, reason_form=form, chosen=held)
    qualifications.withdraw(held, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"{held} counts no longer.")
    return redirect("accounts:person_training", held.user_id)


def _render(
    request: HttpRequest,
    person: User,
    chosen: Qualification | None = None,
    **refused: ThemedForm,
) -> HttpResponse:
    user = current_user(request)
    another = user != person
    context: dict[str, Any] = {
        "person": person,
        "form": QualificationForm(),
        "method_form": MethodForm(),
        "reason_form": ReasonForm(),
        **refused,
        **on_day(person, request.GET.get("day", "")),
        "asked": training_states.own(person),
        "done": person.completions.select_related("version__course"),
        "held": person.qualifications.select_related("recorded_by", "verified_by"),
        "chosen": chosen.pk if chosen else None,
        "positions": _positions(person),
        "may_manage": another
        and person.is_active
        and has_organisation_permission(user, "manage_training"),
        "may_verify": another and has_organisation_permission(user, "verify_qualifications"),
    }
    status = 422 if refused else 200
    return render(request, "accounts/person_training.html", context, status=status)


def on_day(person: User, asked: str) -> dict[str, Any]:
    """Answer, from entries, what `person` was trained for on the day asked; today if none."""
    day, wrong = timezone.now().date(), ""
    try:
        day = parse_date(asked) or day
        wrong = "" if parse_date(asked) or not asked else "Write the day as 2026-11-19."
    except ValueError:
        wrong = "There is no such day."
    return {"day": day, "day_wrong": wrong, "standing": training_days.on_day(person, day)}


def _positions(person: User) -> dict[str, int]:
    """Return the newest entry about each completion and qualification, by its id."""
    found = {}
    for entry in ledger.about(person.ledger_ref):
        for key in ("completion_id", "qualification_id"):
            if key in entry.payload:
                found[entry.payload[key]] = entry.sequence
    return found
