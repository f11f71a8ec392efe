"""What the tables must agree with: people, roles, permissions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ledger
from accounts.events.people import (
    UserCreated,
    UserDeactivated,
    UserRoleGranted,
    UserRoleRevoked,
)
from accounts.events.roles import UserRoleExpired, UserRoleExpirySet
from accounts.records.base import Row, digest


def person_rows() -> Iterator[Row]:
    """Yield every account as the table holds it now."""
    from accounts.models import User  # apps load before models

    for user in User.objects.iterator():
        yield user.ledger_ref, _person(user.email, user.printed_name, user.is_active)


def replay_people(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every account as the entries say it must be."""
    people: dict[str, tuple[str, str]] = {}
    closed = set()
    for entry in entries:
        if entry.event == UserCreated.name:
            people[entry.subject] = (entry.payload["account"], entry.payload["printed_name"])
        elif entry.event == UserDeactivated.name:
            closed.add(entry.subject)
    return {ref: _person(*facts, ref not in closed) for ref, facts in people.items()}


def _person(account: str, printed_name: str, is_active: bool) -> str:  # noqa: FBT001 - a stored fact
    return digest({"account": account, "printed_name": printed_name, "active": is_active})


def role_rows() -> Iterator[Row]:
    """Yield every membership, held or ended."""
    from accounts.models import Membership

    for held in Membership.objects.select_related("project", "user").iterator():
        ended = held.ended_at is not None
        yield (
            held.ledger_ref,
            _role(held.user.ledger_ref, held.role, held.scope, held.expiry, ended=ended),
        )


def replay_roles(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return every membership as grants, terms and ends leave it."""
    roles: dict[str, str] = {}
    expires: dict[str, str] = {}
    for entry in entries:
        if entry.event in ROLE_EVENTS:
            said = entry.payload
            ref = f"accounts.membership:{said['membership_id']}"
            if entry.event == UserRoleExpirySet.name:
                expires[ref] = said["expires"]
            roles[ref] = _role(
                entry.subject,
                said["role"],
                said["scope"],
                expires.get(ref, ""),
                ended=entry.event in ENDS,
            )
    return roles


def _role(person: str, role: str, scope: str, expires: str, *, ended: bool) -> str:
    return digest(
        {"person": person, "role": role, "scope": scope, "expires": expires, "ended": ended}
    )


def permission_rows() -> Iterator[Row]:
    """Yield every object permission: one that no granted role carries is a way in."""
    from accounts.models import ProjectUserObjectPermission

    rows = ProjectUserObjectPermission.objects.values_list(
        "user_id", "content_object_id", "permission__codename"
    )
    for user_id, project_id, codename in rows.iterator():
        yield _permission(f"accounts.user:{user_id}", str(project_id), codename)


def replay_permissions(entries: Iterable[ledger.Record]) -> Mapping[str, str]:
    """Return the object permissions that the roles held now carry."""
    from accounts.models.role import PROJECT_ROLES

    held: dict[str, tuple[str, str, str]] = {}
    for entry in entries:
        membership = entry.payload.get("membership_id", "")
        if entry.event == UserRoleGranted.name:
            project = entry.payload["scope"].partition(":")[2]
            held[membership] = (entry.subject, project, entry.payload["role"])
        elif entry.event in ENDS:
            held.pop(membership, None)
    return dict(
        _permission(person, project, codename)
        for person, project, role in held.values()
        for codename in PROJECT_ROLES.get(role, ())
    )


def _permission(person: str, project: str, codename: str) -> Row:
    person_id = person.partition(":")[2]
    ref = f"accounts.permission:{person_id}/{project}/{codename}"
    return ref, digest({"person": person, "project": project, "permission": codename})


ENDS = frozenset({UserRoleRevoked.name, UserRoleExpired.name})
ROLE_EVENTS = ENDS | {UserRoleGranted.name, UserRoleExpirySet.name}

ledger.recorded(
    "accounts.user",
    rows=person_rows,
    replay=replay_people,
    events=frozenset({UserCreated.name, UserDeactivated.name}),
)
ledger.recorded("accounts.membership", rows=role_rows, replay=replay_roles, events=ROLE_EVENTS)
ledger.recorded(
    "accounts.permission", rows=permission_rows, replay=replay_permissions, events=ROLE_EVENTS
)


def _withhold_reason(subject: str, payload: Mapping[str, Any]) -> None:
    """Withhold why a role was given or ended, when the entry that says so is erased."""
    from accounts.models import Membership

    Membership.objects.filter(pk=payload["membership_id"]).update(reason="withheld")


def _withhold_end_reason(subject: str, payload: Mapping[str, Any]) -> None:
    from accounts.models import Membership

    found = Membership.objects.filter(pk=payload["membership_id"])
    found.update(end_reason="withheld")


ledger.erasable(UserRoleGranted.name, scrub=_withhold_reason)
ledger.erasable(UserRoleRevoked.name, scrub=_withhold_end_reason)
