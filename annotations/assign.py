"""Assignment: ask one person to read one series."""

from django.db import transaction
from django.utils import timezone

import ledger
from accounts import data_permissions
from accounts.models import User
from accounts.permissions import has_permission, require_permission
from annotations.errors import AlreadyAssignedError, NoProtocolError, NotAnAnnotatorError
from annotations.events import AssignmentMade
from annotations.models import Item, Protocol, Series


@ledger.again_if_crossed
@transaction.atomic
def assign(series: Series, *, annotator: User, by: User) -> Item:
    """Make an item for `annotator` under the newest protocol of the project.

    Raises PermissionDenied, NotPermittedError, NoProtocolError, NotAnAnnotatorError or
    AlreadyAssignedError.
    """
    project = series.project
    require_permission(by, "assign_items", project)

    series = Series.objects.select_for_update().get(pk=series.pk)
    _require_permitted(series)
    protocol = Protocol.objects.filter(project=project).first()
    if protocol is None:
        raise NoProtocolError
    if not has_permission(annotator, "annotate", project):
        raise NotAnAnnotatorError
    if Item.objects.filter(series=series, annotator=annotator).exists():
        raise AlreadyAssignedError

    now = timezone.now()
    item = Item.objects.create(
        project=project,
        series=series,
        protocol=protocol,
        annotator=annotator,
        created_at=now,
        changed_at=now,
    )

    ledger.append(
        AssignmentMade(
            item=item.ledger_ref,
            series=series.ledger_ref,
            annotator=annotator.ledger_ref,
            protocol=protocol.content_hash,
        ),
        actor=by,
        subject=item,
    )
    return item


def _require_permitted(series: Series) -> None:
    purpose = data_permissions.Purpose.ANNOTATION
    data_permissions.require(series.project, purpose=purpose, subject=series.subject)
