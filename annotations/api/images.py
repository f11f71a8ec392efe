"""Series, frames and thumbnails over HTTP, decoded and de-identified: no header leaves.

Strangers get 404, people of the project who may not open images 403.
"""

import uuid
from typing import Any

from django.db.models.fields.json import KT
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import current_session, current_user
from accounts.models import Project, User
from accounts.permissions import require_permission
from accounts.training import require_current_training
from annotations import project_keys, subjects, viewing
from annotations.api.display import display
from annotations.imaging import blobs, pictures, renditions
from annotations.models import Instance, Series, Subject

MAX_FRAMES = 2**31 - 1  # what the database takes as a place in a list
BINARY = OpenApiResponse(OpenApiTypes.BINARY)


class SeriesView(APIView):
    """A series: its frames in order, where they lie, and how to show them."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        user = current_user(request)
        series = Series.objects.known_to(user).select_related("project", "subject__project")
        one = get_object_or_404(series, pk=pk)
        require_permission(user, "view_images", one.project)
        subjects.require_readable(one.subject)
        viewing.open_series(one, by=user, session=str(current_session(request).pk))
        return Response(display(one))


class FrameView(APIView):
    """One frame: little-endian modality values or RGB, row by row."""

    @extend_schema(responses={(200, "application/octet-stream"): BINARY})
    def get(self, request: Request, pk: uuid.UUID, number: int) -> HttpResponse:
        user = current_user(request)
        number = min(number, MAX_FRAMES)
        found = (
            Instance.objects.filter(pk=pk)
            .values_list(
                "project_id",
                KT(f"renditions__{number}"),
                "dtype",
                "series__dtype",
                "series_id",
                "series__subject_id",
                "series__subject__key_hash",
                "series__subject__erased_at",
            )
            .first()
        )
        facts: tuple[Any, ...] = found or (None, None, "", "", None, None, "", None)
        project, digest, stored, wanted, series, subject, patient, erased_at = facts
        _require_sight(user, project)
        if digest is None or project is None:
            raise Http404
        if erased_at or not subjects.is_open(project, subject):
            subjects.require_readable(Subject.objects.select_related("project").get(pk=subject))
        session = str(current_session(request).pk)
        viewing.open_frames(series, project=project, by=user, session=session)
        owner = project_keys.subject_key_name(project, patient)
        content = renditions.load(digest, stored=stored, wanted=wanted or stored, owner=owner)
        return HttpResponse(content, content_type="application/octet-stream")


class ThumbnailView(APIView):
    """A small PNG of the middle of a series."""

    @extend_schema(responses={(200, "image/png"): BINARY})
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        user = current_user(request)
        found = (
            Series.objects.filter(pk=pk)
            .values_list(
                "project_id",
                "thumbnail",
                "subject_id",
                "subject__key_hash",
                "subject__erased_at",
            )
            .first()
        )
        project, digest, subject, patient, erased_at = found or (None, "", None, "", None)
        _require_sight(user, project)
        if project is not None:
            require_current_training(user, project)
        if not digest or project is None:
            raise Http404
        if erased_at:
            return HttpResponse(pictures.WITHHELD, content_type="image/svg+xml", status=410)
        if subject is None or not subjects.is_open(project, subject):
            return HttpResponse(pictures.CLOSED, content_type="image/svg+xml", status=409)
        owner = project_keys.subject_key_name(project, patient)
        return HttpResponse(blobs.get(digest, owner=owner), content_type="image/png")


def _require_sight(user: User, project_id: uuid.UUID | None) -> None:
    """Let through who may open the images; 404 for strangers, PermissionDenied for others."""
    if (
        project_id
        and Project.objects.visible_to(user, "view_images").filter(pk=project_id).exists()
    ):
        return
    require_permission(
        user,
        "view_images",
        get_object_or_404(Project.objects.visible_to(user), pk=project_id),
    )
