"""Looking at images leaves a trace: once for each session and series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import ledger
from accounts.permissions import require_permission
from annotations import events
from annotations.models import Viewing

if TYPE_CHECKING:
    from accounts.models import User
    from annotations.models import Series


@transaction.atomic
def open_series(one: Series, *, by: User, session: str) -> None:
    """Record that `by` opened the images of a series, the first time in this session.

    Raises PermissionDenied; then nothing is recorded.
    """
    require_permission(by, "view_images", one.project)

    _, is_first = Viewing.objects.get_or_create(
        series=one, user=by, session=session, defaults={"at": timezone.now()}
    )
    if not is_first:
        return

    ledger.append(
        events.ImageViewed(
            study_uid=one.study_uid,
            series_uid=one.series_uid,
            images=one.instances.count(),
            form="rendered frames",
            purpose="annotation work",
        ),
        actor=by,
        subject=one,
    )
