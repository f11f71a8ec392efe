"""A project, and who may do what in it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts import clients

if TYPE_CHECKING:
    from accounts.clients import Client
    from accounts.models.service import Caller
    from accounts.models.user import User


class ProjectQuerySet(models.QuerySet["Project"]):
    """Projects, as far as a person may know of them."""

    def visible_to(
        self, user: User | Caller, permission: str = "view_project"
    ) -> ProjectQuerySet:
        """Return the projects in which `user` has `permission`, by one subquery.

        Object permissions alone count, while a role that carries them is held: a model-wide
        grant opens nothing, and a role whose time is over opens nothing either.
        """
        from accounts.models.role import (
            ADMINISTRATOR_ON_PROJECTS,
            PROJECT_ROLES,
            Membership,
            Role,
        )
        from accounts.models.service import Caller

        if isinstance(user, Caller):
            project = user.project_for(permission)
            return self.filter(pk=project) if project else self.none()
        if not user.is_authenticated or not user.is_active:
            return self.none()
        granted = ProjectUserObjectPermission.objects.filter(
            user_id=user.pk, permission__codename=permission
        )
        carrying = [role for role, may in PROJECT_ROLES.items() if permission in may]
        held = Membership.objects.current().filter(user_id=user.pk, role__in=carrying)
        allowed = Q(pk__in=granted.values("content_object_id")) & Q(
            pk__in=held.values("project_id")
        )
        if permission in ADMINISTRATOR_ON_PROJECTS:
            administers = Membership.objects.current().filter(
                user_id=user.pk, role=Role.ADMINISTRATOR
            )
            allowed |= Q(models.Exists(administers))
        client = clients.current()
        if client is None or (client.registered and not client.mobile):
            return self.filter(allowed)
        return self.filter(allowed).exclude(
            pk__in=self.shut_to(client, permission).values("pk")
        )

    def shut_to(self, client: Client, permission: str) -> ProjectQuerySet:
        """Return the projects whose policy on devices keeps `permission` from `client`."""
        from accounts.models.device_policy import DevicePolicy

        shut = DevicePolicy.objects.shutting(permission, client)
        return Project.objects.filter(pk__in=shut.values("project_id"))


class Project(models.Model):
    """One body of images with its people, protocol and stream of the record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        default_permissions = ()
        permissions = [
            ("view_project", "See that the project exists"),
            ("view_images", "Open images"),
            ("import_images", "Import images"),
            ("decide_quarantine", "Decide on quarantined images"),
            ("assign_items", "Assign work"),
            ("annotate", "Mark images"),
            ("review", "Review marks"),
            ("sign", "Sign"),
            ("view_records", "Read annotation records"),
            ("freeze_snapshot", "Freeze a snapshot"),
            ("export_snapshot", "Export a snapshot"),
            ("view_ledger", "Read the project's ledger"),
            ("make_report", "Make evidence reports"),
            ("view_people", "See who works in the project"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_ref(self) -> str:
        return f"accounts.project:{self.pk}"

    @property
    def ledger_stream(self) -> str:
        """Each project has its own stream."""
        return str(self.pk)


class ProjectUserObjectPermission(UserObjectPermissionBase):
    """One permission of one person in one project; made and ended by the role workflows."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    content_object = models.ForeignKey(Project, on_delete=models.PROTECT)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class ProjectGroupObjectPermission(GroupObjectPermissionBase):
    """Groups are not used here: the database holds no such row."""

    content_object = models.ForeignKey(Project, on_delete=models.PROTECT)

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="groups_hold_nothing", condition=Q(id__lt=0))
        ]
