"""Where the pages of a project are."""

from typing import Any

from django.urls import reverse

from accounts.models import Project


def page(name: str, project: Project, *args: Any) -> str:
    return reverse(f"annotations:{name}", args=[project.slug, *args])
