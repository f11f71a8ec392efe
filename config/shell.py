"""What every page shows around its content: places by role, the person, the record's state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

import ledger
from accounts import clients
from accounts.http import current_limits, current_memberships, current_user
from accounts.models import DevicePolicy, EmergencyAccess, Membership, Project, Role
from accounts.models.device_policy import Level
from config.places import PLACES, Place

DEVICE_NOTICES = {
    Level.ALLOWED: "",
    Level.WARNED: "This is {what}; {project} prefers registered workstations.",
    Level.READ_ONLY: "This is {what}: in {project} you can read here, and change nothing.",
    Level.REFUSED: "This is {what}: {project} opens on registered workstations alone.",
}


@dataclass(frozen=True)
class Standing:
    """Where somebody works, and as what."""

    held: list[Membership]
    project: Project | None

    @property
    def roles(self) -> frozenset[str]:
        """The roles that count here: those for the project and those for the organisation."""
        here = (None, self.project.pk if self.project else None)
        return frozenset(m.role for m in self.held if m.project_id in here)

    @property
    def places(self) -> Iterator[tuple[Place, str]]:
        """What these roles may go to, each address once."""
        drawn: set[str] = set()
        for place in PLACES:
            url = place.url(self.project) if place.roles & self.roles else None
            if url and url not in drawn:
                drawn.add(url)
                yield place, url


def standing(request: HttpRequest) -> Standing:
    """Return the standing of the person at the screen in the project that the address names.

    Where it names none, it is the first project, by name, that the person works in.
    """
    user = current_user(request)
    held = current_memberships(request)
    mine = [m.project for m in held if m.project is not None]
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    if slug is None:
        return Standing(held, min(mine, key=lambda project: project.name, default=None))
    named = next((project for project in mine if project.slug == slug), None)
    visible = Project.objects.visible_to(user)
    return Standing(held, named or visible.filter(slug=slug).first())


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what the shell templates need, under the one name `shell`."""
    home = {"home_url": reverse("home")}
    user = getattr(request, "user", None)  # a fault may come before anybody is known
    if user is None or not user.is_authenticated:
        return {"shell": home}
    user, here = current_user(request), standing(request)
    roles = [label for value, label in Role.choices if value in here.roles]
    person = {"name": user.printed_name, "initials": user.initials, "role": ", ".join(roles)}
    return {
        "shell": {
            **home,
            "find_url": reverse("find"),
            "lock_url": reverse("accounts:lock"),
            "project": here.project,
            "projects": _projects(here),
            "places": _groups(request, here),
            "person": person,
            "device_notice": _device_notice(here.project),
            "session": _session(request),
            "emergency": _emergency(request),
            "ledger_state": ledger.state(),
        }
    }


def _session(request: HttpRequest) -> dict[str, Any]:
    """Return what the script that watches the idle limit needs."""
    limits = current_limits(request)
    return {
        "idle_seconds": limits.idle,
        "idle_minutes": limits.idle // 60,
        "absolute_hours": limits.absolute // 3600,
        "warn_seconds": settings.SESSION_WARN_SECONDS,
        "status_url": reverse("accounts:status"),
        "activity_url": reverse("accounts:activity"),
        "locked_url": reverse("accounts:locked"),
    }


def _device_notice(project: Project | None) -> str:
    """Return what the project's policy says about the device at hand; "" where all is well."""
    client = clients.current()
    if project is None or client is None or (client.registered and not client.mobile):
        return ""
    policy = DevicePolicy.objects.filter(project=project).first()
    level = policy.level(client) if policy else Level.ALLOWED
    what = "a mobile device" if client.mobile else "not a registered device"
    return DEVICE_NOTICES[level].format(what=what, project=project)


def _emergency(request: HttpRequest) -> EmergencyAccess | None:
    """Return the emergency access that is open in this session, for the banner."""
    session = getattr(request, "work_session", None)
    if session is None:
        return None
    return EmergencyAccess.objects.open_in(session, timezone.now()).first()


def _projects(here: Standing) -> list[dict[str, str]]:
    """Return the person's projects by name, each with the first place of work in it."""
    mine = {m.project for m in here.held if m.project is not None}
    found = []
    for project in sorted(mine, key=lambda project: project.name):
        there = Standing(here.held, project)
        work = (url for place, url in there.places if place.in_project)
        url = next(work, reverse("home"))
        found.append({"name": project.name, "slug": project.slug, "url": url})
    return found


def _groups(request: HttpRequest, here: Standing) -> list[dict[str, Any]]:
    """Return the places in order, those with a group title below the rest."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for place, url in here.places:
        current = request.path == url or (url != "/" and request.path.startswith(url))
        line = {"label": place.label, "icon": place.icon, "url": url, "here": current}
        groups.setdefault(place.group, []).append(line)
    return [{"title": title, "places": places} for title, places in groups.items()]
