"""The page on which a reviewer signs: what is signed, what it means, who signs."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

import ledger
from accounts import signing
from accounts.errors.signing import (
    NonceUsedError,
    SigningExpiredError,
    SigningLockedError,
    SigningRefusedError,
)
from accounts.http import current_user
from accounts.models import SigningRequest, User
from annotations import review, signatures, workflow
from annotations.errors import OtherRequestError, StaleVersionError, WrongStateError
from annotations.models import Item
from annotations.web import changes
from annotations.web.drawings import drawing_of
from annotations.web.flow_forms import SignForm
from annotations.web.places import project_for

ANSWERED_AGAIN = (SigningRefusedError, SigningExpiredError, SigningLockedError, NonceUsedError)
CHANGED = (StaleVersionError, OtherRequestError, WrongStateError)


@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    """Show what is to be signed with fresh requests, or take the answer to one."""
    user = current_user(request)
    project = project_for(request, slug, "sign")
    item = get_object_or_404(_items().filter(project=project), pk=pk)
    if not item.reviews.filter(reviewer=user).exists():
        raise WrongStateError(item, asked="signed")  # shown to whoever decided, nobody else
    if request.method == "POST":
        return _answer(request, item, user)
    return render(request, "annotations/sign.html", _asked(item, user))


def _items() -> Any:
    return Item.objects.select_related(
        "project", "series__subject", "annotator", "reviewer", "protocol"
    )


def _answer(request: HttpRequest, item: Item, user: User) -> HttpResponse:
    form = SignForm(request.POST)
    if not form.is_valid():
        context = _asked(item, user) | {"refusal": "Fill in your account and your password."}
        return render(request, "annotations/sign.html", context, status=422)
    said = form.cleaned_data
    asked = get_object_or_404(SigningRequest.objects.filter(signer=user), pk=said["request"])
    try:
        confirmation = signing.confirm(
            asked, by=user, identifier=said["identifier"], password=said["password"]
        )
    except ANSWERED_AGAIN as refusal:
        # confirm has recorded it; the same page asks again, about the same content
        context = _asked(item, user) | {"refusal": str(refusal)}
        return render(request, "annotations/sign.html", context, status=409)
    try:
        signature = review.sign(
            item, by=user, version=said["version"], confirmation=confirmation
        )
    except CHANGED as refusal:
        workflow.record(refusal, by=user)  # a page of its own, so the entry is ours to make
        context = changes.since_shown(item, confirmation) | {"refusal": refusal}
        return render(request, "annotations/changed.html", context, status=409)
    messages.success(
        request,
        f"Signed: {signature.meaning} by {signature.printed_name}, "
        f"{signature.signed_at:%d %b %Y %H:%M:%S} UTC.",
    )
    return redirect("annotations:record", item.project.slug, item.pk)


def _asked(item: Item, user: User) -> dict[str, Any]:
    """Prepare one request for each meaning, all about what the page is about to show.

    Raises WrongStateError where the item does not wait for this person's signature.
    """
    if item.state != Item.State.IN_REVIEW or item.reviewer_id != user.pk:
        raise WrongStateError(item, asked="signed")
    subject = signatures.to_sign(item)
    stream = f"{settings.LEDGER_SITE}/ledger/p/{item.project_id}"
    choices = [
        {
            "meaning": meaning,
            "statement": statement,
            "request": signing.issue(
                by=user,
                items=subject.items,
                meaning=meaning,
                statement=statement,
                stream=stream,
            ),
        }
        for meaning, statement in signatures.STATEMENTS.items()
    ]
    return {
        "item": item,
        "project": item.project,
        "review": subject.review,
        "rows": list(zip(subject.revisions, subject.items[1:], strict=True)),
        "shown": subject.items[0].displayed_hash,
        "drawings": [drawing_of(revision) for revision in subject.revisions],
        "choices": choices,
        "seconds": int(signing.VALID_FOR.total_seconds()),
        "positions": ledger.positions([item.ledger_ref], item.ledger_stream),
    }
