"""One person: what they may do, what they could do on a day, their sessions."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

import ledger
from accounts import training_days
from accounts.events.credentials import PasswordChanged, PasswordResetIssued
from accounts.events.people import (
    UserCreated,
    UserDeactivated,
    UserRoleGranted,
    UserRoleRevoked,
)
from accounts.events.roles import UserRoleExpired, UserRoleExpirySet
from accounts.http import current_memberships, current_session, current_user
from accounts.models import Membership, Role, User
from accounts.models.role import ORGANISATION_TITLES
from accounts.permissions import has_organisation_permission, require_organisation_permission
from accounts.web.forms import ReasonForm, ReplacePasswordForm, RoleForm, ThemedForm
from accounts.web.identity_forms import LinkForm
from accounts.web.role_figure import draw
from accounts.web.role_periods import (
    PROJECT_TITLES,
    Period,
    allowed,
    closed_at,
    moment,
    periods_of,
)

SESSIONS_SHOWN = 5
SAYS = {
    UserCreated.name: "Account given",
    UserDeactivated.name: "Access closed",
    PasswordChanged.name: "Password changed",
    PasswordResetIssued.name: "Password replaced",
}
VERBS = {
    UserRoleGranted.name: "given",
    UserRoleRevoked.name: "ended",
    UserRoleExpirySet.name: "",
    UserRoleExpired.name: "ended by itself",
}


@require_safe
def person(request: HttpRequest, pk: str) -> HttpResponse:
    """Show one person to those who may see people."""
    require_organisation_permission(current_user(request), "view_people")
    return render_person(request, get_object_or_404(User, pk=pk))


@require_safe
def my_record(request: HttpRequest) -> HttpResponse:
    """Show people what the record says about themselves."""
    user = current_user(request)
    context = {
        **_facts(user),
        "person": user,
        "own_session": current_session(request),
        "devices": user.devices.order_by("asset_tag"),
        "could": allowed(held.role for held in current_memberships(request)),
    }
    return render(request, "accounts/my_record.html", context)


def render_person(
    request: HttpRequest,
    person: User,
    *,
    ending: Membership | None = None,
    status: int = 200,
    **refused: ThemedForm,
) -> HttpResponse:
    """Draw the page of `person`, with the form that was not accepted where there is one."""
    user = current_user(request)
    may_manage = has_organisation_permission(user, "manage_people") and user != person
    forms = {
        "role_form": RoleForm(),
        "close_form": ReasonForm(),
        "end_form": ReasonForm(),
        "password_form": ReplacePasswordForm(),
        "link_form": LinkForm(),
        "unlink_form": ReasonForm(),
    }
    context = {
        **_facts(person),
        **_on_day(person, request.GET.get("day", ""), periods_of(person)),
        **forms,
        **_links(person),
        **refused,
        "person": person,
        "may_manage": may_manage and person.is_active,
        "may_see_sessions": has_organisation_permission(user, "view_sessions"),
        "ending": ending.pk if ending else None,
    }
    return render(request, "accounts/person.html", context, status=status)


def _facts(person: User) -> dict[str, Any]:
    """Return roles, the thread of changes and sessions, each with its entry."""
    held = person.memberships.current().select_related("project")
    sessions = list(
        person.sessions.select_related("device").order_by(
            F("ended_at").desc(nulls_first=True), "-login_at"
        )[:SESSIONS_SHOWN]
    )
    return {
        "held": held,
        "steps": _thread(person),
        "sessions": sessions,
        "positions": ledger.positions([session.ledger_ref for session in sessions]),
    }


def _links(person: User) -> dict[str, Any]:
    """Return the links to organisations' accounts that are in force, with their entries."""
    links = list(person.identity_links.in_force())
    refs = [link.ledger_ref for link in links]
    return {"links": links, "link_positions": ledger.positions(refs)}


def _thread(person: User) -> list[dict[str, Any]]:
    """Return what the record says about the account and its roles, newest first."""
    entries = [e for e in ledger.about(person.ledger_ref) if e.event in SAYS or _of_role(e)]
    refs = {entry.actor for entry in entries}
    refs |= {entry.payload["scope"] for entry in entries if _of_role(entry)} - {"organisation"}
    names = ledger.name_of(refs)
    steps = [
        {
            "what": _says(entry, names),
            "who": f"by {names[entry.actor]}",
            "at": entry.at,
            "why": entry.reason,
            "seq": entry.sequence,
            "stream_key": "org",
            "kind": "void"
            if entry.event in {UserRoleRevoked.name, UserRoleExpired.name, UserDeactivated.name}
            else "",
        }
        for entry in reversed(entries)
    ]
    if steps and person.is_active:
        steps[0]["kind"] = steps[0]["kind"] or "now"
    return steps


def _of_role(entry: ledger.Record) -> bool:
    return entry.event in VERBS


def _says(entry: ledger.Record, names: dict[str, str]) -> str:
    if not _of_role(entry):
        return SAYS[entry.event]
    scope = names.get(entry.payload["scope"], "whole organisation")
    verb = VERBS[entry.event]
    if entry.event == UserRoleExpirySet.name:
        verb = f"ends by itself on {moment(entry.payload['expires']):%-d %b %Y}"
    return f"{Role(entry.payload['role']).label} {verb}, {scope}"


def _on_day(person: User, asked: str, periods: list[Period]) -> dict[str, Any]:
    """Answer what `person` could do on the day asked for; today where none is given."""
    day, wrong = timezone.now().date(), ""
    if asked:
        try:
            day = parse_date(asked) or day
            wrong = "" if parse_date(asked) else "Write the day as 2026-11-19."
        except ValueError:
            wrong = "There is no such day."
    held = [period for period in periods if period.holds_on(day)]
    could = allowed(period.role for period in held)
    everything = [*PROJECT_TITLES.values(), *ORGANISATION_TITLES.values()]
    return {
        "day": day,
        "day_wrong": wrong,
        "day_roles": held,
        "day_could": could,
        "day_could_not": [title for title in everything if title not in could],
        "standing": training_days.on_day(person, day),
        "figure": draw(periods, day, closed_at=closed_at(ledger.about(person.ledger_ref))),
    }
