"""The first page: what the person at the screen has to do now, by role."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts import owed
from accounts.http import current_memberships, current_user
from accounts.models import Project, Role, User
from annotations.web import home_panels, oversight_panels

HEADINGS = {
    Role.ANNOTATOR: "Your work",
    Role.REVIEWER: "Your decisions",
    Role.ADJUDICATOR: "Your decisions",
    Role.DATA_MANAGER: "What waits for you",
    Role.ADMINISTRATOR: "Access, devices and operations",
    Role.REGULATORY: "Gaps before the next report",
    Role.AUDITOR: "What an inspector asks",
}
Panels = Callable[[User, list[Project]], home_panels.Panels]
PANELS: dict[str, Panels] = {
    Role.ANNOTATOR: home_panels.annotator,
    Role.REVIEWER: home_panels.reviewer,
    Role.DATA_MANAGER: home_panels.data_manager,
    Role.ADMINISTRATOR: oversight_panels.administrator,
    Role.REGULATORY: oversight_panels.regulatory,
    Role.AUDITOR: oversight_panels.auditor,
}


@dataclass
class Home:
    """What the page shows: one sentence, acts, the wide column, the narrow one."""

    heading: str = "Home"
    lead: list[str] = field(default_factory=list)
    acts: list[tuple[str, str, str]] = field(default_factory=list)
    main: list[dict[str, Any]] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show, for each role the person holds, what waits, what stops and how far they are."""
    user = current_user(request)
    held = _held(request)
    shown = Home()
    for role, heading in HEADINGS.items():
        if role not in held or role not in PANELS:
            continue
        if shown.heading == "Home":
            shown.heading = heading
        panels = PANELS[role](user, held[role])
        shown.lead += panels.lead
        shown.acts += panels.acts
        shown.main += panels.main
        shown.aside += panels.aside
    shown.main = [*_owed(user, frozenset(held)), *shown.main]
    context = {"home": shown, "today": timezone.now(), "roles": held}
    return render(request, "annotations/home.html", context)


def _owed(user: User, roles: frozenset[str]) -> list[dict[str, Any]]:
    """Return the panel of what the person owes, in front of the rest; none owes none."""
    found = owed.owed(user, roles)
    if not found:
        return []
    items = [
        {
            "title": one.title,
            "due": one.due,
            "is_overdue": one.is_overdue,
            "url": reverse(one.page, args=[one.key] if one.key else []),
        }
        for one in found
    ]
    overdue = sum(one.is_overdue for one in found)
    return [home_panels.panel("owed", items=items, overdue=overdue)]


def _held(request: HttpRequest) -> dict[str, list[Project]]:
    """Return the projects of each role the person holds now; the organisation's has none."""
    held: dict[str, list[Project]] = {}
    for membership in current_memberships(request):
        projects = held.setdefault(membership.role, [])
        if membership.project is not None:
            projects.append(membership.project)
    return {role: sorted(found, key=lambda one: one.name) for role, found in held.items()}
