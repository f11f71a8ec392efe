"""Attestations: what is attested, what nobody vouches for, and signing one."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import ledger
from accounts import attestations, paper_signing
from accounts.clauses import catalogues, clauses
from accounts.errors.base import AccountsError
from accounts.http import current_user
from accounts.models import Attestation, User
from accounts.models.data_permission import today
from accounts.permissions import (
    has_organisation_permission,
    require_organisation_permission,
)
from accounts.web.attestation_forms import AttestationForm
from accounts.web.lists import page_of
from accounts.web.policy_filters import AttestationFilter
from accounts.web.signing_panels import UnansweredError, confirmed

VIEW = "view_oversight"
ROWS = 25
FIRST = "buyer_questions"


@require_safe
def attestations_list(request: HttpRequest) -> HttpResponse:
    """List what people vouched for, newest first."""
    user = current_user(request)
    require_organisation_permission(user, VIEW)
    signed = Attestation.objects.filter(signed_at__isnull=False)
    found = AttestationFilter(request.GET, queryset=signed.select_related("attestor", "owner"))
    rows = found.qs if found.qs.query.order_by else found.qs.order_by("-signed_at")
    page = page_of(request, rows)
    context = {
        "filter": found,
        "page_obj": page,
        "has_any": signed.exists(),
        "positions": ledger.positions([said.ledger_ref for said in page]),
        "keeps_records": has_organisation_permission(user, "manage_retention"),
        "may_attest": has_organisation_permission(user, attestations.PERMISSION),
    }
    return render(request, "accounts/attestations.html", context)


@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """List every statement of a regulation with who vouches for it, if anybody does."""
    user = current_user(request)
    require_organisation_permission(user, VIEW)
    asked = request.GET.get("catalogue", FIRST)
    catalogue = asked if asked in catalogues() else FIRST
    words = {
        (said.clause_id, said.statement_hash): said
        for said in attestations.newest().filter(catalogue=catalogue)
    }
    rows = [
        {
            "clause": clause,
            "statement": text,
            "said": words.get((clause.id, ledger.sha256_hex(text.encode()))),
            "void": words.get((clause.id, ledger.sha256_hex(clause.text.encode()))),
        }
        for clause in clauses().values()
        if clause.catalogue == catalogue
        for text in clause.statements
    ]
    unsaid = [row for row in rows if not _holds(row)]
    only = request.GET.get("only") == "missing"
    context = {
        "catalogue": catalogue,
        "catalogues": catalogues(),
        "only": only,
        "all_count": len(rows),
        "missing_count": len(unsaid),
        "page_obj": Paginator(unsaid if only else rows, ROWS).get_page(request.GET.get("page")),
        "keeps_records": has_organisation_permission(user, "manage_retention"),
        "may_attest": has_organisation_permission(user, attestations.PERMISSION),
    }
    return render(request, "accounts/statements.html", context)


def _holds(row: dict[str, Any]) -> bool:
    return any(row[name] and row[name].is_current for name in ("said", "void"))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Prepare an attestation about one clause, which the next page asks to sign."""
    user = current_user(request)
    require_organisation_permission(user, attestations.PERMISSION)
    clause = clauses().get(request.GET.get("clause", ""))
    if clause is None:
        if request.method == "POST":
            raise Http404
        return redirect("accounts:statements")
    first = {"owner": user.pk, "statement": request.GET.get("statement", "0")}
    form = AttestationForm(
        request.POST or None, request.FILES or None, clause=clause, initial=first
    )
    if request.method == "POST" and form.is_valid():
        try:
            said = attestations.prepare(clause.key, word=form.word, by=user)
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("accounts:attestation", said.pk)
    context = {"form": form, "clause": clause}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/new_attestation.html", context, status=status)


@require_safe
def attestation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one attestation; ask whoever prepared it to sign."""
    return _page(request, _found(current_user(request), pk))


@sensitive_post_parameters("password")
@require_POST
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the signature of whoever prepared it."""
    user = current_user(request)
    require_organisation_permission(user, attestations.PERMISSION)
    said = _found(user, pk)
    try:
        confirmation = confirmed(request, user)
    except UnansweredError as refused:
        return _page(request, said, refusal=str(refused), status=refused.status)
    attestations.attest(said, by=user, confirmation=confirmation)
    messages.success(request, f"Signed. Reports count it until {said.expires:%d %b %Y}.")
    return redirect("accounts:attestation", pk)


def _found(user: User, pk: uuid.UUID) -> Attestation:
    """Return the attestation; what is only prepared shows to whoever prepared it."""
    require_organisation_permission(user, VIEW)
    said = get_object_or_404(Attestation.objects.select_related("attestor", "owner"), pk=pk)
    if said.signed_at is None and said.attestor_id != user.pk:
        raise Http404
    return said


def _page(
    request: HttpRequest, said: Attestation, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "said": said,
        "clause": clauses().get(f"{said.catalogue}/{said.clause_id}"),
        "positions": ledger.positions([said.ledger_ref]),
        "refusal": refusal,
        "today": today(),
    }
    if said.signed_at is None:
        context |= {
            "asked": paper_signing.ask(
                attestations.signed_item(said),
                by=current_user(request),
                meaning=attestations.MEANING,
                statement=attestations.STATEMENT,
            ),
            "statement": attestations.STATEMENT,
            "sign_url": reverse("accounts:sign_attestation", args=[said.pk]),
        }
    return render(request, "accounts/attestation.html", context, status=status)
