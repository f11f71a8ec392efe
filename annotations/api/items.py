"""Items over HTTP: look at a reading, keep a draft, submit it, review it.

Strangers get 404, people of the project without the role 403, a version that changed since
it was opened 409, and input that cannot be 422; each with {"code", "message"}.
"""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

import ledger
from accounts.http import current_user
from accounts.models import User
from annotations import annotate, readings, review, subjects
from annotations.api import shapes
from annotations.models import Item, Revision


def visible_item(user: User, pk: uuid.UUID) -> Item:
    """Return the item if `user` belongs to its project, else 404."""
    items = Item.objects.visible_to(user).select_related(
        "project", "series__subject__project", "protocol"
    )
    return get_object_or_404(items, pk=pk)


def checked(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    """Return the input's values, or answer 422."""
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def mark_answer(revision: Revision) -> dict[str, Any]:
    """Return a sealed revision as the viewer draws it."""
    body = revision.body
    return {
        "instance_uid": str(revision.annotation_id),
        "tracking_id": body["tracking_id"],
        "label": body["concept"]["value"],
        "kind": body["geometry"]["kind"],
        "instance": str(revision.instance_id),
        "frame": body["target"]["frame"],
        "points": body["geometry"]["points"],
        "revision": revision.number,
        "content_hash": revision.content_hash,
        "author": revision.author.printed_name,
    }


class ItemView(APIView):
    """One reading, with what the person may do in it now."""

    @extend_schema(responses=shapes.Answer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        item = visible_item(user, pk)
        mode = readings.mode(item, user=user)
        if item.series.subject.erased_at is None:
            subjects.require_permitted(item.series.subject)
        draft = readings.draft_of(item, user=user) if mode != "view" else None
        returned = readings.returned(item)
        return Response(
            {
                "id": str(item.pk),
                "state": item.state,
                "version": item.version,
                "mode": mode,
                "subject": item.series.subject.code,
                "title": item.series.title,
                "series": str(item.series_id),
                "protocol": {"name": item.protocol.name, "version": item.protocol.version},
                "labels": item.protocol.labels,
                "annotations": [mark_answer(r) for r in readings.standing(item)],
                "draft": draft
                and {"saved_at": draft[0], "annotations": draft[1]["annotations"]},
                "nothing_to_mark": item.nothing_to_mark,
                "returned": returned
                and {"reason": returned.reason, "by": returned.by, "at": returned.at},
                "urls": _urls(item, mode),
            },
            headers={"Cache-Control": "no-store"},
        )


def _urls(item: Item, mode: str) -> dict[str, str | None]:
    """Return where to go from here; None for what `mode` does not allow."""
    slug = item.project.slug
    allowed = {"annotate": ("draft", "submit"), "review": ("draft", "review")}.get(mode, ())
    acts = {
        name: reverse(f"annotations-api:{name}", args=[item.pk]) if name in allowed else None
        for name in ("draft", "submit", "review")
    }
    back = {"annotate": "worklist", "review": "reviews"}.get(mode, "record")
    waits = mode == "review" and item.state == Item.State.IN_REVIEW
    return acts | {
        "sign": reverse("annotations:sign", args=[slug, item.pk]) if waits else None,
        "back": reverse(
            f"annotations:{back}", args=[slug, item.pk] if back == "record" else [slug]
        ),
    }


class DraftView(APIView):
    """Keep what is drawn so far, encrypted, for its author alone."""

    @extend_schema(request=shapes.DraftInput, responses=shapes.Answer)
    def put(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        item = visible_item(user, pk)
        values = checked(shapes.DraftInput(data=request.data))
        saved_at = annotate.save_draft(item, by=user, content=shapes.draft_bytes(values))
        return Response({"saved_at": saved_at})


class SubmitView(APIView):
    """Seal the reading and hand it to review."""

    @extend_schema(request=shapes.SubmitInput, responses={201: shapes.Answer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        item = visible_item(user, pk)
        values = checked(shapes.SubmitInput(data=request.data))
        sealed = annotate.submit(
            item,
            by=user,
            version=values["version"],
            drawing=shapes.drawing_of(values),
            reason=values.get("reason") or "",
        )
        following = readings.next_to_read(item, user=user)
        next_url = following and reverse(
            "annotations:read", args=[item.project.slug, following.pk]
        )
        return Response(_sealed_answer(sealed) | {"next_url": next_url}, status=201)


def _sealed_answer(sealed: annotate.Sealed) -> dict[str, Any]:
    """Name each revision with its position, which exists now that all has committed."""
    refs = [revision.record_id for revision in sealed.revisions]
    positions = ledger.positions(refs, sealed.item.ledger_stream) if refs else {}
    return {
        "version": sealed.item.version,
        "state": sealed.item.state,
        "revisions": [
            {
                "instance_uid": str(revision.annotation_id),
                "revision": revision.number,
                "content_hash": revision.content_hash,
                "seq": positions.get(revision.record_id),
            }
            for revision in sealed.revisions
        ],
    }


class ReviewView(APIView):
    """Accept, reject or correct somebody else's reading."""

    @extend_schema(request=shapes.ReviewInput, responses=shapes.Answer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        item = visible_item(user, pk)
        values = checked(shapes.ReviewInput(data=request.data))
        verdict = review.Verdict(
            decision=values["decision"],
            reason=values.get("reason") or "",
            drawing=shapes.drawing_of(values),
        )
        decided = review.decide(item, by=user, version=values["version"], verdict=verdict)
        waits = decided.state == Item.State.IN_REVIEW
        sign_url = reverse("annotations:sign", args=[item.project.slug, item.pk])
        return Response(
            {
                "version": decided.version,
                "state": decided.state,
                "sign_url": sign_url if waits else None,
            }
        )
