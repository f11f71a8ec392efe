"""The list of people, and what administrators change about somebody's access."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import people as accounts
from accounts import roles
from accounts.errors.base import AccountsError
from accounts.errors.roles import AuditorTermError, ExpiryPastError
from accounts.errors.sign_in import PasswordRefusedError
from accounts.http import current_user
from accounts.models import Membership, User
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.filters import PeopleFilter
from accounts.web.forms import PersonForm, ReasonForm, ReplacePasswordForm, RoleForm
from accounts.web.lists import page_of
from accounts.web.person_pages import render_person


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List everybody who has, or had, an account."""
    user = current_user(request)
    require_organisation_permission(user, "view_people")
    held = Membership.objects.current().select_related("project")
    rows = User.objects.annotate(
        running=Count("sessions", filter=Q(sessions__ended_at=None), distinct=True)
    ).prefetch_related(Prefetch("memberships", queryset=held, to_attr="held"))
    found = PeopleFilter(request.GET, queryset=rows)
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page_obj": page,
        "positions": ledger.positions([person.ledger_ref for person in page]),
        "may_manage": has_organisation_permission(user, "manage_people"),
        "counts": User.objects.aggregate(
            open=Count("pk", filter=Q(is_active=True)),
            closed=Count("pk", filter=Q(is_active=False)),
        ),
    }
    return render(request, "accounts/people.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Give a new person an account."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            person = accounts.create(by=user, **form.cleaned_data)
        except ValidationError as invalid:
            form.add_error(None, invalid)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, f"{person.printed_name} has an account, without a role yet."
            )
            return redirect("accounts:person", person.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/add_person.html", {"form": form}, status=status)


@require_POST
def grant_role(request: HttpRequest, pk: str) -> HttpResponse:
    """Give a person a role."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST)
    held = None
    if form.is_valid():
        try:
            held = roles.grant(person, by=user, **form.cleaned_data)
        except (AuditorTermError, ExpiryPastError) as refused:
            form.add_error("ends", str(refused))
    if held is None:
        return render_person(request, person, role_form=form, status=422)
    messages.success(request, f"{person.printed_name} is now {held}.")
    return redirect("accounts:person", person.pk)


@require_POST
def end_role(request: HttpRequest, pk: str) -> HttpResponse:
    """End a role that a person holds."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    found = Membership.objects.select_related("user", "project")
    membership = get_object_or_404(found, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render_person(
            request, membership.user, ending=membership, end_form=form, status=422
        )
    roles.revoke(membership, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"{membership.user.printed_name} is no longer {membership}.")
    return redirect("accounts:person", membership.user_id)


@sensitive_post_parameters("password")
@require_POST
def replace_password(request: HttpRequest, pk: str) -> HttpResponse:
    """Give somebody who forgot it a password to begin with."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    person = get_object_or_404(User, pk=pk)
    form = ReplacePasswordForm(request.POST)
    if form.is_valid():
        try:
            accounts.replace_password(person, by=user, **form.cleaned_data)
        except PasswordRefusedError as refused:
            form.add_error("password", str(refused))
    if form.errors:
        return render_person(request, person, password_form=form, status=422)
    messages.success(request, f"{person.printed_name} chooses an own password at sign-in.")
    return redirect("accounts:person", person.pk)


@require_POST
def close_access(request: HttpRequest, pk: str) -> HttpResponse:
    """Close a person's access: roles and sessions end with it."""
    user = current_user(request)
    require_organisation_permission(user, "manage_people")
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render_person(request, person, close_form=form, status=422)
    accounts.close_access(person, by=user, reason=form.cleaned_data["reason"])
    messages.success(request, f"The access of {person.printed_name} is closed.")
    return redirect("accounts:person", person.pk)
