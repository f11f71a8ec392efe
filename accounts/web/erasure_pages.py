"""Erasure: the requests, asking for one, and signing, declining or carrying out one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import carrying_out, signing
from accounts import erasure as erasing
from accounts.errors.base import AccountsError
from accounts.errors.signing import (
    NonceUsedError,
    SigningExpiredError,
    SigningLockedError,
    SigningRefusedError,
)
from accounts.http import current_user
from accounts.models import ErasureRequest, SigningRequest, User
from accounts.permissions import (
    has_organisation_permission,
    require_organisation_permission,
    stewarded,
)
from accounts.web.erasure_panels import covered, steps
from accounts.web.forms import ReasonForm
from accounts.web.lists import page_of
from accounts.web.retention_filters import ErasureFilter
from accounts.web.retention_forms import AnswerForm, ErasureForm
from accounts.web.retention_pages import PERMISSION

ANSWERED_AGAIN = (SigningRefusedError, SigningExpiredError, SigningLockedError, NonceUsedError)
State = ErasureRequest.State


@require_safe
def erasures(request: HttpRequest) -> HttpResponse:
    """List the requests about records one keeps."""
    user = current_user(request)
    require_organisation_permission(user, PERMISSION)
    found = ErasureFilter(request.GET, queryset=visible_erasures(user))
    context = {
        "filter": found,
        "page_obj": page_of(request, found.qs),
        "has_any": visible_erasures(user).exists(),
    }
    return render(request, "accounts/erasures.html", context)


def visible_erasures(user: User) -> QuerySet[ErasureRequest]:
    """Return the requests about records that `user` keeps; what is unsigned is its maker's."""
    if not has_organisation_permission(user, PERMISSION):
        return ErasureRequest.objects.none()
    mine = Q(project=None) | Q(project__in=stewarded(user))
    own = ~Q(state=State.PREPARED) | Q(requested_by=user)
    rows = ErasureRequest.objects.filter(mine, own)
    return rows.select_related("project", "requested_by", "decided_by")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write down what shall go; it is asked for by signing on the next page."""
    user = current_user(request)
    require_organisation_permission(user, PERMISSION)
    form = ErasureForm(
        request.POST if request.method == "POST" else None, initial=request.GET.dict(), by=user
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = erasing.prepare(
                said["project"],
                wanted=form.wanted,
                is_duty=said["grounds"] == "duty",
                basis=said["basis"],
                by=user,
                reason=said["reason"],
            )
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("accounts:erasure", made.pk)
    status = 422 if form.errors else 200
    return render(request, "accounts/new_erasure.html", {"form": form}, status=status)


@require_safe
def erasure(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one request: who asked, on what basis, what it covers, and where it stands."""
    return _page(request, _found(request, pk))


@sensitive_post_parameters("password")
@require_POST
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the signature of whoever asks, or of whoever approves; then carry it out."""
    user, found = current_user(request), _found(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        refusal = "Fill in your account and your password. Nothing was signed."
        return _page(request, found, refusal=refusal, status=422)
    said = form.cleaned_data
    asked = get_object_or_404(SigningRequest.objects.filter(signer=user), pk=said["request"])
    try:
        confirmation = signing.confirm(
            asked, by=user, identifier=said["identifier"], password=said["password"]
        )
    except ANSWERED_AGAIN as refused:
        return _page(request, found, refusal=str(refused), status=409)
    if found.state == State.PREPARED:
        erasing.ask(found, by=user, confirmation=confirmation)
        messages.success(request, "Asked for. Another person approves it, or declines it.")
    else:
        approved = erasing.approve(found, by=user, confirmation=confirmation)
        carrying_out.carry_out(approved, by=user)
        messages.success(request, "Approved and carried out. The record says what went.")
    return redirect("accounts:erasure", pk)


@require_POST
def decline(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Decline a request; nothing goes."""
    found = _found(request, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, decline_form=form, status=422)
    erasing.decline(found, by=current_user(request), reason=form.cleaned_data["reason"])
    messages.success(request, "Declined. Nothing was erased.")
    return redirect("accounts:erasure", pk)


@require_POST
def carry_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Go on with an approved erasure that was interrupted."""
    carrying_out.carry_out(_found(request, pk), by=current_user(request))
    messages.success(request, "Carried out. The record says what went.")
    return redirect("accounts:erasure", pk)


def _found(request: HttpRequest, pk: uuid.UUID) -> ErasureRequest:
    return get_object_or_404(visible_erasures(current_user(request)), pk=pk)


def _page(
    request: HttpRequest,
    found: ErasureRequest,
    *,
    refusal: str = "",
    decline_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = current_user(request)
    asks = found.requested_by_id == user.pk
    context = {
        "erasure": found,
        "stream_key": found.ledger_stream or "org",
        "steps": steps(found),
        "covered": covered(found),
        "asks": asks,
        "refusal": refusal,
        "decline_form": decline_form or ReasonForm(),
        "decides": found.state == State.REQUESTED and not asks,
        "asked": _asked(found, user) if _signs(found, asks=asks) else None,
        "seconds": int(signing.VALID_FOR.total_seconds()),
    }
    return render(request, "accounts/erasure.html", context, status=status)


def _signs(found: ErasureRequest, *, asks: bool) -> bool:
    return found.state == (State.PREPARED if asks else State.REQUESTED)


def _asked(found: ErasureRequest, user: User) -> SigningRequest:
    """Prepare the signing of exactly this request, by whoever asks or whoever approves."""
    is_first = found.state == State.PREPARED
    site = settings.LEDGER_SITE
    place = f"p/{found.project_id}" if found.project_id else "org"
    return signing.issue(
        by=user,
        items=[erasing.signed_item(found)],
        meaning="responsibility" if is_first else "approval",
        statement=erasing.STATEMENTS["request" if is_first else "approval"],
        stream=f"{site}/ledger/{place}",
    )
