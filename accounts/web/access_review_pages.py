"""Reviews of access: when the next is due, deciding on every role, and signing."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import access_review as reviewing
from accounts import signing
from accounts.access_review import END, KEEP, Decision
from accounts.errors.access_review import AccessChangedError, UndecidedError
from accounts.http import current_user
from accounts.models import AccessReview, Membership, SigningRequest
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.emergency_pages import ANSWERED_AGAIN
from accounts.web.lists import page_of
from accounts.web.retention_forms import AnswerForm

REASON_LENGTH = 500


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """List the reviews that were signed, and say when the next one is due."""
    user = current_user(request)
    require_organisation_permission(user, "view_people")
    rows = AccessReview.objects.completed().select_related("prepared_by")
    page = page_of(request, rows)
    due = AccessReview.objects.due_at()
    context = {
        "page_obj": page,
        "positions": ledger.positions([one.ledger_ref for one in page]),
        "due": due,
        "is_late": due is None or due < timezone.now(),
        "may_review": has_organisation_permission(user, "review_access"),
    }
    return render(request, "accounts/access_reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Show every account and role, and take a decision on each."""
    user = current_user(request)
    require_organisation_permission(user, "review_access")
    refusal, status = "", 200
    if request.method == "POST":
        said = _decisions(request)
        try:
            made = reviewing.prepare(said, by=user, seen=request.POST.get("seen", ""))
        except UndecidedError as refused:
            refusal, status = str(refused), 422
        except AccessChangedError as refused:
            refusal, status = str(refused), 409
        else:
            return redirect("accounts:access_review", made.pk)
    shot = reviewing.snapshot()
    context = {
        "rows": _rows(request),
        "accounts": len(shot["accounts"]),
        "people": {row[1] for row in shot["roles"]},
        "without": [row for row in shot["accounts"] if _is_without(row, shot)],
        "seen": reviewing.digest(shot),
        "kept_because": request.POST.get("kept_because", "Still needed for their work"),
        "refusal": refusal,
    }
    return render(request, "accounts/new_access_review.html", context, status=status)


def _is_without(account: list[str], shot: dict[str, Any]) -> bool:
    return all(row[1] != account[0] for row in shot["roles"])


def _decisions(request: HttpRequest) -> dict[str, Decision]:
    """Return what was ticked on each role; those that are kept share one reason."""
    kept = request.POST.get("kept_because", "")[:REASON_LENGTH]
    said = {}
    for name, verdict in request.POST.items():
        if name.startswith("role-") and verdict in {KEEP, END}:
            key = name.removeprefix("role-")
            why = request.POST.get(f"why-{key}", "")[:REASON_LENGTH]
            reason = why if verdict == END else why or kept
            ref = f"accounts.membership:{key}"
            said[ref] = Decision(verdict=str(verdict), reason=reason.replace("\x00", ""))
    return said


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the roles by person, each with what was ticked and typed so far."""
    held = Membership.objects.current().select_related("user", "project")
    rows = []
    for one in held.order_by("user__printed_name", "user_id", "granted_at", "pk"):
        ticked = request.POST.get(f"role-{one.pk}", "")
        why = request.POST.get(f"why-{one.pk}", "")
        rows.append(
            {
                "held": one,
                "ticked": ticked,
                "why": why,
                "is_own": one.user_id == current_user(request).pk,
                "lacks_reason": ticked == END and not why.strip(),
            }
        )
    return rows


@require_safe
def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one review: what was decided on each role, and who signed it."""
    require_organisation_permission(current_user(request), "view_people")
    return _page(request, _found(request, pk))


@sensitive_post_parameters("password")
@require_POST
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the signature; what the review ends, ends with it."""
    user = current_user(request)
    require_organisation_permission(user, "review_access")
    found, form = _found(request, pk), AnswerForm(request.POST)
    if not form.is_valid():
        refusal = "Fill in your account and your password. Nothing was signed."
        return _page(request, found, refusal=refusal, status=422)
    said = form.cleaned_data
    asked = get_object_or_404(SigningRequest.objects.filter(signer=user), pk=said["request"])
    try:
        confirmation = signing.confirm(
            asked, by=user, identifier=said["identifier"], password=said["password"]
        )
        reviewing.complete(found, by=user, confirmation=confirmation)
    except (*ANSWERED_AGAIN, AccessChangedError) as refused:
        return _page(request, found, refusal=str(refused), status=409)
    messages.success(request, "Signed. What was to end has ended.")
    return redirect("accounts:access_review", pk)


def _found(request: HttpRequest, pk: uuid.UUID) -> AccessReview:
    """Return a review that was signed, or one's own that waits for it."""
    rows = AccessReview.objects.select_related("prepared_by")
    mine = rows.filter(prepared_by=current_user(request))
    return get_object_or_404(rows.completed() | mine, pk=pk)


def _page(
    request: HttpRequest, found: AccessReview, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    user = current_user(request)
    waits = found.signed_at is None and found.prepared_by_id == user.pk
    content = ledger.parse(found.content.encode())
    names = {ref: name for ref, _, name in content["accounts"]}
    verdicts = {ref: (verdict, why) for ref, verdict, why in content["decisions"]}
    scopes = ledger.name_of({row[3] for row in content["roles"]} - {"organisation"})
    context = {
        "review": found,
        "rows": [
            {
                "person": names.get(person, person),
                "role": dict(Membership._meta.get_field("role").flatchoices)[role],
                "scope": scopes.get(scope, "whole organisation"),
                "verdict": verdicts[ref][0],
                "why": verdicts[ref][1],
            }
            for ref, person, role, scope, _ in content["roles"]
        ],
        "entries": ledger.about(found.ledger_ref),
        "asked": _asked(found, user) if waits else None,
        "statement": reviewing.STATEMENT,
        "refusal": refusal,
    }
    return render(request, "accounts/access_review.html", context, status=status)


def _asked(found: AccessReview, user: Any) -> SigningRequest:
    return signing.issue(
        by=user,
        items=[reviewing.signed_item(found)],
        meaning="responsibility",
        statement=reviewing.STATEMENT,
        stream=f"{settings.LEDGER_SITE}/ledger/org",
    )
