"""What every page shows around its content: places by role, the person, the record's state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

import ledger
from accounts.models import Membership, Project, Role

A, D, R, V = Role.ANNOTATOR, Role.DATA_MANAGER, Role.REVIEWER, Role.AUDITOR
ADMIN, LAW, JUDGE = Role.ADMINISTRATOR, Role.REGULATORY, Role.ADJUDICATOR
EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Place:
    """A line of the side bar: where it leads and whose work is there."""

    label: str
    icon: str
    url_name: str
    roles: frozenset[str]
    in_project: bool = False
    group: str = ""


PLACES = (
    Place("Home", "home", "home", EVERYBODY),
    Place("Worklist", "list", "annotations:worklist", frozenset({A}), in_project=True),
    Place("To review", "eye", "annotations:reviews", frozenset({R}), in_project=True),
    Place("Quarantine", "tray", "annotations:quarantine", frozenset({D}), in_project=True),
    Place("Import", "upload", "annotations:import", frozenset({D}), in_project=True),
    Place("Images", "list", "annotations:images", frozenset({D}), in_project=True),
    Place("Assignments", "people", "annotations:assignments", frozenset({D}), in_project=True),
    Place("Annotations", "pen", "annotations:records", frozenset({D, V}), in_project=True),
    Place(
        "Snapshots", "layers", "annotations:snapshots", frozenset({D, LAW, V}), in_project=True
    ),
    Place("People", "people", "accounts:people", frozenset({ADMIN})),
    Place("Devices", "device", "accounts:devices", frozenset({ADMIN})),
    Place("Sessions", "clock", "accounts:sessions", frozenset({ADMIN})),
    Place("Ledger", "book", "ledger:explorer", frozenset({D, ADMIN, LAW, V})),
    Place("Evidence reports", "report", "evidence:reports", frozenset({ADMIN, LAW, V})),
    Place(
        "People and access",
        "people",
        "accounts:people",
        frozenset({LAW, V}),
        group="Supporting records",
    ),
    Place("Sessions", "clock", "accounts:sessions", frozenset({V}), group="Supporting records"),
    Place("My record", "shield", "accounts:my_record", EVERYBODY, group="Mine"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what the shell templates need, under the one name `shell`."""
    user = request.user
    if not user.is_authenticated:
        return {"shell": {"home_url": _url("home") or "/"}}
    held = list(Membership.objects.current().filter(user=user).select_related("project"))
    project = _current_project(request, held)
    roles = {m.role for m in held if m.project is None or m.project == project}
    return {
        "shell": {
            "home_url": _url("home") or "/",
            "find_url": _url("find"),
            "lock_url": _url("accounts:lock") or _url("account_logout"),
            "project": project,
            "projects": list(_projects(held)),
            "places": _groups(request, roles, project),
            "person": {
                "name": user.printed_name,
                "initials": user.initials,
                "role": ", ".join(label for value, label in Role.choices if value in roles),
            },
            "session": {
                "idle_seconds": settings.SESSION_IDLE_SECONDS,
                "idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
                "warn_seconds": settings.SESSION_WARN_SECONDS,
                "status_url": _url("accounts:status"),
                "activity_url": _url("accounts:activity"),
                "locked_url": _url("accounts:locked"),
            },
            "ledger_state": ledger.state(),
        }
    }


def _url(name: str, **kwargs: str) -> str | None:
    """Return the address of `name`, or None where this installation has no such page."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return None


def _current_project(request: HttpRequest, held: Iterable[Membership]) -> Project | None:
    """Return the project the address names, else the first the person works in."""
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    if slug is not None:
        return Project.objects.visible_to(request.user).filter(slug=slug).first()
    mine = [m.project for m in held if m.project is not None]
    return min(mine, key=lambda project: project.name, default=None)


def _projects(held: Iterable[Membership]) -> Iterator[dict[str, str]]:
    roles: dict[Project, set[str]] = {}
    for membership in held:
        if membership.project is not None:
            roles.setdefault(membership.project, set()).add(membership.role)
    for project in sorted(roles, key=lambda project: project.name):
        urls = (
            _url(place.url_name, slug=project.slug)
            for place in PLACES
            if place.in_project and place.roles & roles[project]
        )
        yield {
            "name": project.name,
            "slug": project.slug,
            "url": next(filter(None, urls), _url("home") or "/"),
        }


def _groups(
    request: HttpRequest, roles: set[str], project: Project | None
) -> list[dict[str, Any]]:
    """Return the places of `roles` in order, those with a group title below the rest."""
    groups: dict[str, list[dict[str, Any]]] = {}
    drawn: set[str] = set()  # a page with two lines for two roles is drawn once
    for place in PLACES:
        if not place.roles & roles or (place.in_project and project is None):
            continue
        slug = {"slug": project.slug} if place.in_project and project else {}
        url = _url(place.url_name, **slug)
        if url and url not in drawn:
            here = request.path == url or (url != "/" and request.path.startswith(url))
            line = {"label": place.label, "icon": place.icon, "url": url, "here": here}
            groups.setdefault(place.group, []).append(line)
            drawn.add(url)
    return [{"title": title, "places": places} for title, places in groups.items()]
