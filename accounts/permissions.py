"""May this person do this, here?  Every workflow asks first."""

from django.core.exceptions import PermissionDenied

from accounts.models import Membership, Project, User
from accounts.models.role import ORGANISATION_ROLES


def has_permission(user: User, codename: str, project: Project) -> bool:
    """Tell whether `user` has `codename` in `project`, now, by object permission or office."""
    return Project.objects.visible_to(user, codename).filter(pk=project.pk).exists()


def require_permission(user: User, codename: str, project: Project) -> None:
    """Raise PermissionDenied unless `user` has `codename` in `project`."""
    if not has_permission(user, codename, project):
        raise PermissionDenied(f"Your roles in {project.name} do not include this.")


def has_organisation_permission(user: User, codename: str) -> bool:
    """Tell whether a role of `user` carries `codename` for the organisation as a whole.

    Raises KeyError for a permission nobody defined.
    """
    roles = ORGANISATION_ROLES[codename]
    if not user.is_authenticated:
        return False
    return Membership.objects.current().filter(user_id=user.pk, role__in=roles).exists()


def require_organisation_permission(user: User, codename: str) -> None:
    """Raise PermissionDenied unless `user` has `codename` for the organisation."""
    if not has_organisation_permission(user, codename):
        raise PermissionDenied("Your roles do not include this.")
