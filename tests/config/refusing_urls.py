"""Addresses whose views refuse, one for each kind of refusal."""

from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, transaction
from django.http import Http404, HttpRequest
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import ledger
from accounts.errors.people import OwnAccessError
from accounts.errors.signing import SigningRefusedError
from annotations.errors import InvalidAnnotationError
from tests.factories import make_project

REFUSALS = {
    "forbidden": PermissionDenied("Your roles do not include this."),
    "rule": OwnAccessError(),
    "recorded": SigningRefusedError(),
    "input": InvalidAnnotationError("A box has two corners."),
    "nowhere": Http404(),
    "held": ledger.RecordHeldError(),
    "crossed": ledger.CrossedError(),
    "full": OperationalError("could not extend file: No space left on device"),
    "gone": InterfaceError("connection already closed"),
}


@transaction.atomic
def refuse(request: HttpRequest, kind: str, slug: str = "") -> NoReturn:
    make_project(slug="undone")
    raise REFUSALS[kind]


class Shape(serializers.Serializer[Any]):
    corners = serializers.ListField(child=serializers.IntegerField())


class Refusing(APIView):
    """Refuse on GET; on POST look at the shape of what was sent."""

    def get(self, request: Request, kind: str) -> NoReturn:
        raise REFUSALS[kind]

    def post(self, request: Request, kind: str) -> Response:
        shape = Shape(data=request.data)
        shape.is_valid(raise_exception=True)
        return Response(shape.validated_data)


urlpatterns = [
    path("pages/<str:kind>/", refuse),
    path("projects/<slug:slug>/<str:kind>/", refuse),
    path("api/plain/<str:kind>/", refuse),
    path("api/rest/<str:kind>/", Refusing.as_view()),
    path("", include("config.urls")),
]
handler404 = "config.refusals.not_found"
handler400 = "config.refusals.bad_request"
handler500 = "config.refusals.server_error"
