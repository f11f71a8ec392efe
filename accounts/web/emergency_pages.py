"""Emergency access: asking for it, signing, giving it back, and the second person's review."""

from __future__ import annotations

import uuid

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import emergency as breaking
from accounts import signing
from accounts.errors.base import AccountsError
from accounts.errors.signing import (
    NonceUsedError,
    SigningExpiredError,
    SigningLockedError,
    SigningRefusedError,
)
from accounts.http import current_session, current_user
from accounts.models import EmergencyAccess, SigningRequest, User
from accounts.permissions import (
    has_organisation_permission,
    require_organisation_permission,
    stewarded,
)
from accounts.web.forms import REASON, ThemedForm
from accounts.web.lists import page_of
from accounts.web.retention_forms import AnswerForm

ANSWERED_AGAIN = (SigningRefusedError, SigningExpiredError, SigningLockedError, NonceUsedError)


class BreakForm(ThemedForm):
    """Whose images, and why it cannot wait."""

    project = forms.CharField(
        label="Project, short name", max_length=60, help_text="As it stands in its addresses."
    )
    subject = forms.CharField(label="Subject", max_length=60, help_text="For example S-0001.")
    reason = forms.CharField(
        label="Why it cannot wait",
        max_length=500,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
        help_text="No names of patients. A second person reads it within 72 hours.",
    )


class ReviewForm(ThemedForm):
    """What a second person says of an emergency access."""

    outcome = forms.ChoiceField(label="It was", choices=EmergencyAccess.Outcome.choices)
    reason = forms.CharField(label="Why", max_length=500, widget=forms.TextInput(REASON))


@require_http_methods(["GET", "HEAD", "POST"])
def emergencies(request: HttpRequest) -> HttpResponse:
    """List the emergency accesses one may know of; take what a new one is asked for."""
    user = current_user(request)
    asks = request.method == "POST"
    if asks:
        require_organisation_permission(user, "break_glass")
    form = BreakForm(request.POST if asks else None)
    if asks and form.is_valid():
        said = form.cleaned_data
        try:
            made = breaking.prepare(
                said["project"],
                said["subject"],
                by=user,
                session=current_session(request),
                reason=said["reason"],
            )
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("accounts:emergency", made.pk)
    context = {
        "form": form,
        "page_obj": page_of(request, visible_emergencies(user)),
        "may_break": has_organisation_permission(user, "break_glass"),
        "now": timezone.now(),
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/emergencies.html", context, status=status)


def visible_emergencies(user: User) -> QuerySet[EmergencyAccess]:
    """Return the own ones, and to reviewers those of their projects that were signed."""
    mine = Q(person=user)
    if has_organisation_permission(user, "review_emergency"):
        mine |= Q(started_at__isnull=False, project__in=stewarded(user))
    rows = EmergencyAccess.objects.filter(mine)
    return rows.select_related("person", "project", "reviewed_by")


@require_safe
def emergency(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one emergency access: what was asked, what was opened, what was said of it."""
    return _page(request, _found(request, pk))


@sensitive_post_parameters("password")
@require_POST
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the signature that opens it; the browser gets a new key with it."""
    user, found = current_user(request), _found(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        refusal = "Fill in your account and your password. Nothing was opened."
        return _page(request, found, refusal=refusal, status=422)
    said = form.cleaned_data
    asked = get_object_or_404(SigningRequest.objects.filter(signer=user), pk=said["request"])
    try:
        confirmation = signing.confirm(
            asked, by=user, identifier=said["identifier"], password=said["password"]
        )
    except ANSWERED_AGAIN as refused:
        return _page(request, found, refusal=str(refused), status=409)
    session = current_session(request)
    breaking.invoke(found, by=user, session=session, confirmation=confirmation)
    request.session.cycle_key()
    messages.warning(request, "Open for 60 minutes. A second person reviews what you open.")
    return redirect("accounts:emergency", pk)


@require_POST
def give_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End one's own emergency access before its hour is over."""
    breaking.give_back(_found(request, pk), by=current_user(request))
    messages.success(request, "Ended. Nothing more is open to you there.")
    return redirect("accounts:emergency", pk)


@require_POST
def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take what a second person says of it."""
    user, found = current_user(request), _found(request, pk)
    require_organisation_permission(user, "review_emergency")
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, review_form=form, status=422)
    breaking.review(found, by=user, **form.cleaned_data)
    messages.success(request, "Reviewed. Your words stand beside it on record.")
    return redirect("accounts:emergency", pk)


def _found(request: HttpRequest, pk: uuid.UUID) -> EmergencyAccess:
    return get_object_or_404(visible_emergencies(current_user(request)), pk=pk)


def _page(
    request: HttpRequest,
    found: EmergencyAccess,
    *,
    refusal: str = "",
    review_form: ReviewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, session, now = current_user(request), current_session(request), timezone.now()
    is_mine = found.person_id == user.pk and found.session_id == session.pk
    may_review = has_organisation_permission(user, "review_emergency")
    context = {
        "access": found,
        "now": now,
        "is_open": found.stops_at is not None and found.stops_at > now,
        "is_mine": is_mine,
        "is_own": found.person_id == user.pk,
        "is_late": bool(found.review_due_at and found.review_due_at < now),
        "asked": _asked(found, user) if is_mine and found.started_at is None else None,
        "entries": ledger.about(found.ledger_ref, stream=found.ledger_stream),
        "stream_key": found.ledger_stream,
        "refusal": refusal,
        "statement": breaking.STATEMENT,
        "may_review": may_review and found.person_id != user.pk,
        "review_form": review_form or ReviewForm(),
    }
    return render(request, "accounts/emergency.html", context, status=status)


def _asked(found: EmergencyAccess, user: User) -> SigningRequest:
    """Prepare the signing of exactly what is asked for."""
    return signing.issue(
        by=user,
        items=[breaking.signed_item(found)],
        meaning="responsibility",
        statement=breaking.STATEMENT,
        stream=f"{settings.LEDGER_SITE}/ledger/p/{found.project_id}",
    )
