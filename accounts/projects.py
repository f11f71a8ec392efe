"""Open a project."""

from django.db import IntegrityError, transaction

import ledger
from accounts.errors.people import SlugTakenError
from accounts.events.people import ProjectCreated
from accounts.models import Project, User
from accounts.permissions import require_organisation_permission
from accounts.roles import SETUP


@transaction.atomic
def create(*, slug: str, name: str, by: User | str) -> Project:
    """Open the project `name`, known in addresses as `slug`, with its own stream.

    Raises PermissionDenied, ValidationError or SlugTakenError; then nothing is recorded.
    """
    if isinstance(by, User):
        require_organisation_permission(by, "manage_projects")
    elif by != SETUP:
        raise ValueError(f"{by} opens no projects; only {SETUP} does, at set-up.")

    project = Project(slug=slug, name=name.strip())
    project.clean_fields()

    try:
        with transaction.atomic():
            project.save(force_insert=True)
    except IntegrityError:  # the constraint decides, also between two who ask at once
        raise SlugTakenError(slug) from None

    ledger.append(
        ProjectCreated(project_id=str(project.pk), slug=slug, title=project.name),
        actor=by,
        subject=project,
    )
    return project
