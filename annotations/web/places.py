"""Where a page is: its project, for people who belong to it, and one page of a list."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.http import current_user
from accounts.models import Project
from accounts.permissions import require_permission

ROWS = 25
Row = TypeVar("Row", bound=Model)


def project_for(request: HttpRequest, slug: str, permission: str) -> Project:
    """Return the project; 404 for strangers, PermissionDenied without `permission` in it."""
    user = current_user(request)
    visible = Project.objects.visible_to(user).filter(slug=slug)
    project = visible.visible_to(user, permission).first()  # the rule, in one question
    if project is None:
        project = get_object_or_404(visible)
        require_permission(user, permission, project)
    return project


def page_of(request: HttpRequest, rows: QuerySet[Row], size: int = ROWS) -> Page[Row]:
    """Return the page that the address asks for; the nearest there is for a wrong number."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
