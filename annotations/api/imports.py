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

from accounts.http import current_actor, current_session
from accounts.models import Caller, Project, User
from accounts.permissions import require_permission
from annotations import batches, jobs
from annotations.import_errors import UploadTooLargeError
from annotations.models import ImportBatch


class BeginInput(serializers.Serializer[dict[str, int]]):
    """How many files the sender is about to send."""

    listed = serializers.IntegerField(min_value=1, max_value=batches.MAX_FILES)


class ImportsView(APIView):
    """The imports of a project."""

    scopes = {"POST": "imports:write"}

    @extend_schema(request=BeginInput, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, slug: str) -> Response:
        by = current_actor(request)
        project = get_object_or_404(Project.objects.visible_to(by), slug=slug)
        given = BeginInput(data=request.data)
        given.is_valid(raise_exception=True)
        batch = batches.begin(
            project,
            by=by,
            listed=given.validated_data["listed"],
            **_where(request, by),
        )
        answer = {
            "id": str(batch.pk),
            "page": reverse("annotations:import_batch", args=[slug, batch.pk]),
            "files": reverse("annotations-api:import", args=[batch.pk]) + "files/",
        }
        return Response(answer, status=201)


class ImportView(APIView):
    """One import: how many of its files stand where."""

    scopes = {"GET": "imports:read"}

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

    scopes = {"POST": "imports:write"}
    parser_classes = (FileParser,)

    @extend_schema(request=OpenApiTypes.BINARY, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: uuid.UUID, number: int) -> Response:
        batch = _batch(request, pk)
        file = batches.receive_upload(
            batch,
            number=number,
            content=cast("bytes", request.data) or b"",
            by=current_actor(request),
        )
        jobs.wake()
        return Response({"number": file.number, "status": file.status}, status=201)


def _batch(request: Request, pk: uuid.UUID) -> ImportBatch:
    """Return the import; 404 for strangers, PermissionDenied for who may not import."""
    by = current_actor(request)
    batch = get_object_or_404(
        ImportBatch.objects.filter(project__in=Project.objects.visible_to(by)).select_related(
            "project"
        ),
        pk=pk,
    )
    require_permission(by, "import_images", batch.project)
    return batch


def _where(request: Request, by: User | Caller) -> dict[str, str]:
    """Return from where an import is begun, which its files are opened under later."""
    if isinstance(by, Caller):
        return {"session": by.token.ledger_ref, "device": ""}
    session = current_session(request)
    device = session.device.ledger_ref if session.device else ""
    return {"session": str(session.pk), "device": device}
