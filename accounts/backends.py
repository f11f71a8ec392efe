"""Answers `user.has_perm` for projects and for the ledger's streams."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied

from accounts import permissions
from accounts.models import Project, User

# What the ledger asks -> the permission that answers it, in a project or for the organisation.
LEDGER_PERMISSIONS = {
    "ledger.view_entry": "view_ledger",
    "ledger.verify": "view_ledger",
    "ledger.make_report": "make_report",
}
ORGANISATION_STREAM = "org"


class LedgerAccessBackend(BaseBackend):
    """Says what people may do with objects; it signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether the person has `perm` on a project or on a stream (its `.key`).

        Raises PermissionDenied, which ends the asking, where a project's answer is no: a
        permission whose role is over must not count because its row is still there.
        """
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is None:
            return False
        if isinstance(obj, Project):
            app_label, _, codename = perm.partition(".")
            if app_label == "accounts" and permissions.has_permission(user_obj, codename, obj):
                return True
            raise PermissionDenied
        if perm in LEDGER_PERMISSIONS:
            return _on_stream(user_obj, LEDGER_PERMISSIONS[perm], str(obj.key))
        return False


def _on_stream(user: User, codename: str, key: str) -> bool:
    if key == ORGANISATION_STREAM:
        return permissions.has_organisation_permission(user, codename)
    return Project.objects.visible_to(user, codename).filter(pk=key).exists()


def visible_streams(user: Any, perm: str) -> set[str]:
    """Return the keys of all streams on which `has_perm` would say yes, in two queries."""
    if not isinstance(user, User) or not user.is_active or perm not in LEDGER_PERMISSIONS:
        return set()
    codename = LEDGER_PERMISSIONS[perm]
    visible = Project.objects.visible_to(user, codename).values_list("pk", flat=True)
    keys = {str(key) for key in visible}
    if permissions.has_organisation_permission(user, codename):
        keys.add(ORGANISATION_STREAM)
    return keys
