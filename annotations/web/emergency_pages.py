"""What an emergency access opens: the images of one subject, read only, until its end."""

import json
import uuid
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import emergency
from accounts.http import current_session, current_user
from accounts.models import EmergencyAccess
from annotations import subjects, viewing
from annotations.imaging import pictures, renditions
from annotations.models import Instance, Series

if TYPE_CHECKING:
    from annotations.imaging.pixels import DType

SHOWN_FRAMES = 24


@never_cache
@require_GET
def emergency_images(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show every series of the subject, while the access is open in this session."""
    access = emergency.require_open(pk, session=current_session(request))
    every = _series(access)
    for one in every:
        viewing.open_in_emergency(one, by=current_user(request), access=access)
    context = {"access": access, "series": [(one, _frames(one)) for one in every]}
    return render(request, "annotations/emergency_images.html", context)


@never_cache
@require_GET
def emergency_picture(
    request: HttpRequest, pk: uuid.UUID, image: uuid.UUID, frame: int
) -> HttpResponse:
    """Return one frame of the subject as PNG; asked anew whether the access is open."""
    access = emergency.require_open(pk, session=current_session(request))
    images = Instance.objects.filter(
        series__subject=_key(access), series__project=access.project
    ).select_related("series__project", "series__subject")
    found = get_object_or_404(images, pk=image, frames__gt=frame)
    subjects.require_readable(found.series.subject)
    viewing.open_in_emergency(found.series, by=current_user(request), access=access)
    values = renditions.load(
        found.renditions[frame],
        stored=cast("DType", found.dtype),
        owner=subjects.owner(found.series.subject),
    )
    content = pictures.png(values, json.loads(found.facts) | {"dtype": found.dtype})
    return HttpResponse(
        content, content_type="image/png", headers={"Cache-Control": "no-store"}
    )


def _series(access: EmergencyAccess) -> list[Series]:
    rows = Series.objects.filter(subject=_key(access), project=access.project)
    return list(rows.select_related("project", "subject").prefetch_related("instances"))


def _frames(one: Series) -> list[tuple[Instance, int]]:
    """Return the frames that are drawn: spread over the series where it has many."""
    every = [(image, n) for image in one.instances.all() for n in range(image.frames)]
    step = max(1, -(-len(every) // SHOWN_FRAMES))
    return every[::step]


def _key(access: EmergencyAccess) -> uuid.UUID:
    return uuid.UUID(access.subject_ref.partition(":")[2])
