"""Imports over HTTP: begin one, send its files, see how far it is, end it.

A file travels as the bare body of its request, without its name: names can hold a person's.
"""

import uuid
from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.http import current_session, current_user
from accounts.models import Project
from accounts.permissions import require_permission
from annotations import batches, jobs
from annotations.import_errors import UploadTooLargeError
from annotations.models import ImportBatch


class BeginInput(serializers.Serializer[dict[str, int]]):
    """How many files the sender is about to send."""

    listed = serializers.IntegerField(min_value=1, max_value=batches.MAX_FILES)


class ImportsView(APIView):
    """The imports of a project."""

    @extend_schema(request=BeginInput, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, slug: str) -> Response:
        user, session = current_user(request), current_session(request)
        project = get_object_or_404(Project.objects.visible_to(user), slug=slug)
        given = BeginInput(data=request.data)
        given.is_valid(raise_exception=True)
        batch = batches.begin(
            project,
            by=user,
            listed=given.validated_data["listed"],
            session=str(session.pk),
            device=session.device.ledger_ref if session.device else "",
        )
        answer = {
            "id": str(batch.pk),
            "page": reverse("annotations:import_batch", args=[slug, batch.pk]),
            "files": reverse("annotations-api:import", args=[batch.pk]) + "files/",
        }
        return Response(answer, status=201)


class ImportView(APIView):
    """One import: how many of its files stand where."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        batch = _batch(request, pk)
        arrived = sorted(batch.files.values_list("number", flat=True))
        answer = {
            "id": str(batch.pk),
            "listed": batch.listed,
            "arrived": arrived,
            "outcomes": batches.outcomes(batch),
            "finished": batch.finished_at is not None,
        }
        return Response(answer)


class FileParser(BaseParser):
    """Takes the body of a request as the bytes of one file, as large as one may be."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, *_context: Any, **_more: Any) -> Any:
        announced = int(stream.META.get("CONTENT_LENGTH") or 0)
        if announced > batches.MAX_FILE_BYTES:
            raise UploadTooLargeError(batches.MAX_FILE_BYTES)
        return bytes(stream.read(announced))


class ImportFileView(APIView):
    """One file of an import: its bytes are the body of the request."""

    parser_classes = (FileParser,)

    @extend_schema(request=OpenApiTypes.BINARY, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: uuid.UUID, number: int) -> Response:
        batch = _batch(request, pk)
        file = batches.receive_upload(
            batch,
            number=number,
            content=cast("bytes", request.data) or b"",
            by=current_user(request),
        )
        jobs.wake()
        return Response({"number": file.number, "status": file.status}, status=201)


def _batch(request: Request, pk: uuid.UUID) -> ImportBatch:
    """Return the import; 404 for strangers, PermissionDenied for who may not import."""
    user = current_user(request)
    batch = get_object_or_404(
        ImportBatch.objects.filter(project__in=Project.objects.visible_to(user)).select_related(
            "project"
        ),
        pk=pk,
    )
    require_permission(user, "import_images", batch.project)
    return batch
