"""Who can do what: the table of roles and permissions, drawn from the one that decides."""

from itertools import combinations
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import permissions
from accounts.http import current_user
from accounts.models import Membership, Role
from accounts.models.role import (
    ADMINISTRATOR_ON_PROJECTS,
    AUDITOR_DAYS,
    ORGANISATION_ROLES,
    ORGANISATION_TITLES,
    PROJECT_ROLES,
    apart,
)
from accounts.permissions import require_organisation_permission
from accounts.web.role_periods import PROJECT_TITLES


@require_safe
def roles_table(request: HttpRequest) -> HttpResponse:
    """Show what each role may do, which never go together, and how many hold each."""
    require_organisation_permission(current_user(request), "view_people")
    held = list(Membership.objects.current().values_list("role", "user_id"))
    context = {
        "roles": [(role, len({u for r, u in held if r == role})) for role in Role],
        "groups": [
            ("In the project it is held for", in_projects()),
            ("For the whole organisation", in_organisation()),
        ],
        "rules": _rules(),
        "orphans": permissions.orphans(),
        "auditor_days": AUDITOR_DAYS,
    }
    return render(request, "accounts/roles.html", context)


def in_projects() -> list[tuple[str, list[bool]]]:
    """Return each permission of a project with a yes or no for each role, in their order."""
    may = {**PROJECT_ROLES, Role.ADMINISTRATOR: ADMINISTRATOR_ON_PROJECTS}
    return [
        (title, [codename in may[role] for role in Role])
        for codename, title in PROJECT_TITLES.items()
    ]


def in_organisation() -> list[tuple[str, list[bool]]]:
    """Return the same for what concerns everybody."""
    return [
        (title, [role in ORGANISATION_ROLES[codename] for role in Role])
        for codename, title in ORGANISATION_TITLES.items()
    ]


def _rules() -> list[dict[str, Any]]:
    """Return the pairs that nobody holds at once, by the sentence that says why."""
    rules: dict[str, list[str]] = {}
    for one, other in combinations(Role, 2):
        if rule := apart(one, other):
            rules.setdefault(rule, []).append(f"{one.label} and {other.label.lower()}")
    return [{"rule": rule, "pairs": pairs} for rule, pairs in rules.items()]
