"""Policies: the list, each version with who knows it, publishing and acknowledging."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import paper_signing, policies
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import Membership, PolicyVersion, User
from accounts.models.data_permission import today
from accounts.permissions import (
    has_organisation_permission,
    require_organisation_permission,
)
from accounts.web.lists import page_of
from accounts.web.policy_filters import PolicyFilter
from accounts.web.policy_forms import PolicyForm
from accounts.web.signing_panels import UnansweredError, confirmed


@require_safe
def policies_list(request: HttpRequest) -> HttpResponse:
    """List every version of every policy, newest first."""
    user = current_user(request)
    every = PolicyVersion.objects.select_related("policy", "published_by").annotate(
        known=Count("acknowledgements")
    )
    found = PolicyFilter(request.GET, queryset=every)
    page = page_of(request, found.qs)
    force = {version.pk for version in policies.in_force()}
    waiting = policies.waiting(user)
    context = {
        "filter": found,
        "page_obj": page,
        "has_any": PolicyVersion.objects.exists(),
        "in_force": force,
        "waiting": waiting,
        "overdue": [version for version in waiting if version.due_on < today()],
        "positions": ledger.positions([version.ledger_ref for version in page]),
        "may_publish": has_organisation_permission(user, "manage_policies"),
        "keeps_records": has_organisation_permission(user, "manage_retention"),
        "sees_oversight": has_organisation_permission(user, "view_oversight"),
    }
    return render(request, "accounts/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Publish the next version of a policy, or a policy's first."""
    user = current_user(request)
    require_organisation_permission(user, "manage_policies")
    form = PolicyForm(
        request.POST or None, request.FILES or None, initial={"valid_from": today()}
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            version = policies.publish(
                title=said["title"], kind=said["kind"], draft=form.draft, by=user
            )
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{version} is published.")
            return redirect("accounts:policy", version.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/new_policy.html", {"form": form}, status=status)


@require_safe
def policy(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show what a version says, who knows it, and ask whoever has to sign."""
    return _page(request, get_object_or_404(_versions(), pk=pk))


@sensitive_post_parameters("password")
@require_POST
def acknowledge(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the signature of whoever acknowledges a version."""
    user = current_user(request)
    version = get_object_or_404(_versions(), pk=pk)
    try:
        confirmation = confirmed(request, user)
    except UnansweredError as refused:
        return _page(request, version, refusal=str(refused), status=refused.status)
    policies.acknowledge(version, by=user, confirmation=confirmation)
    messages.success(request, "Signed. The record says that you know this version.")
    return redirect("accounts:policy", pk)


def _versions() -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.select_related("policy", "published_by")


def _page(
    request: HttpRequest, version: PolicyVersion, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    user = current_user(request)
    asks = version.pk in {each.pk for each in policies.waiting(user)}
    may_see = has_organisation_permission(user, "view_oversight")
    context: dict[str, Any] = {
        "version": version,
        "is_in_force": version.pk in {each.pk for each in policies.in_force()},
        "own": version.acknowledgements.filter(user=user).first(),
        "known": list(version.acknowledgements.select_related("user")) if may_see else [],
        "owing": _owing(version) if may_see else [],
        "sees_people": may_see,
        "positions": ledger.positions([version.ledger_ref]),
        "versions": list(version.policy.versions.order_by("-number")),
        "refusal": refusal,
        "today": today(),
    }
    if asks:
        context |= {
            "asked": paper_signing.ask(
                policies.signed_item(version),
                by=user,
                meaning=policies.MEANING,
                statement=policies.STATEMENT,
            ),
            "statement": policies.STATEMENT,
            "sign_url": reverse("accounts:acknowledge", args=[version.pk]),
        }
    return render(request, "accounts/policy.html", context, status=status)


def _owing(version: PolicyVersion) -> list[User]:
    """Return who holds a role that acknowledges the version and has not."""
    held = Membership.objects.current().filter(role__in=version.roles)
    people = User.objects.filter(pk__in=held.values("user"))
    return list(people.exclude(acknowledgements__version=version).order_by("printed_name"))
