"""May this person do this, here?  Every workflow asks first."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from accounts import clients
from accounts.models import Caller, Membership, Project, ProjectUserObjectPermission, Role, User
from accounts.models.role import ORGANISATION_ROLES, PROJECT_ROLES


def has_permission(user: User | Caller, codename: str, project: Project) -> bool:
    """Tell whether `user` has `codename` in `project`, now, by object permission or office."""
    return Project.objects.visible_to(user, codename).filter(pk=project.pk).exists()


def require_permission(user: User | Caller, codename: str, project: Project) -> None:
    """Raise PermissionDenied unless `user` has `codename` in `project`."""
    if not has_permission(user, codename, project):
        raise PermissionDenied(_why_not(codename, project))


def _why_not(codename: str, project: Project) -> str:
    """Return which of the two shuts: what the device is, or what the roles are."""
    client = clients.current()
    if client and project in Project.objects.all().shut_to(client, codename):
        return f"{project.name} takes this from registered workstations alone, not from here."
    return f"Your roles in {project.name} do not include this."


def has_organisation_permission(user: User, codename: str) -> bool:
    """Tell whether a role of `user` carries `codename` for the organisation as a whole.

    Raises KeyError for a permission nobody defined.
    """
    roles = ORGANISATION_ROLES[codename]
    if not user.is_authenticated:
        return False
    return Membership.objects.current().filter(user_id=user.pk, role__in=roles).exists()


def roles_of(user: User) -> frozenset[str]:
    """Return the roles that `user` holds now, here or in any project."""
    return frozenset(
        Membership.objects.current().filter(user_id=user.pk).values_list("role", flat=True)
    )


def require_organisation_permission(user: User, codename: str) -> None:
    """Raise PermissionDenied unless `user` has `codename` for the organisation."""
    if not has_organisation_permission(user, codename):
        raise PermissionDenied("Your roles do not include this.")


def orphans() -> int:
    """Return how many object permissions no role that is held carries: none, on a sound system.

    A role whose time is over counts as held until it has been ended on record.
    """
    found = set(
        ProjectUserObjectPermission.objects.values_list(
            "user_id", "content_object_id", "permission__codename"
        )
    )
    held = Membership.objects.filter(ended_at=None, project__isnull=False)
    for user, project, role in held.values_list("user_id", "project_id", "role"):
        found -= {(user, project, codename) for codename in PROJECT_ROLES[role]}
    return len(found)


def stewarded(user: User) -> QuerySet[Project]:
    """Return the projects whose records `user` keeps: administrators all, regulatory theirs."""
    held = Membership.objects.current().filter(user_id=user.pk)
    if held.filter(role=Role.ADMINISTRATOR).exists():
        return Project.objects.all()
    return Project.objects.filter(pk__in=held.filter(role=Role.REGULATORY).values("project_id"))


def is_steward(user: User, project: Project | None) -> bool:
    """Tell whether `user` sets periods, holds and erases in a project; None: organisation."""
    if not has_organisation_permission(user, "manage_retention"):
        return False
    return project is None or stewarded(user).filter(pk=project.pk).exists()


def require_steward(user: User, project: Project | None) -> None:
    """Raise PermissionDenied unless `user` keeps the records of `project`."""
    if not is_steward(user, project):
        where = project.name if project else "the organisation"
        raise PermissionDenied(f"Your roles do not include keeping the records of {where}.")
