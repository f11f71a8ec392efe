"""From when to when somebody held which role, as the entries alone say."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

import ledger
from accounts.events.people import UserDeactivated, UserRoleGranted, UserRoleRevoked
from accounts.events.roles import UserRoleExpired, UserRoleExpirySet
from accounts.models import Project, Role, User
from accounts.models.role import (
    ADMINISTRATOR_ON_PROJECTS,
    ORGANISATION_ROLES,
    ORGANISATION_TITLES,
    PROJECT_ROLES,
)

PROJECT_TITLES = dict(Project._meta.permissions)
ENDS = {UserRoleRevoked.name, UserRoleExpired.name}
STEPS = ENDS | {UserRoleGranted.name, UserRoleExpirySet.name}


@dataclass(frozen=True, kw_only=True)
class Period:
    """One role held from a moment on; `end` is None while nothing has ended it."""

    role: str
    scope_name: str
    begin: datetime
    end: datetime | None
    expires: datetime | None
    seq: int  # of the entry that gave it

    @property
    def label(self) -> str:
        return Role(self.role).label

    @property
    def until(self) -> datetime | None:
        """When it stopped, or will stop by itself; None where nothing is known to stop it."""
        known = [at for at in (self.end, self.expires) if at]
        return min(known) if known else None

    def holds_on(self, day: date) -> bool:
        """Tell whether the role was held at any time of a day in UTC."""
        midnight = datetime.combine(day, time.min, UTC)
        until = self.until
        return self.begin < midnight + timedelta(days=1) and (until is None or until > midnight)


def periods_of(person: User) -> list[Period]:
    """Return every role that `person` ever held, oldest first."""
    entries = [e for e in ledger.about(person.ledger_ref) if e.event in STEPS]
    scopes = {e.payload["scope"] for e in entries} - {"organisation"}
    names = ledger.name_of(scopes)
    found: dict[str, Period] = {}
    for entry in entries:
        key = entry.payload["membership_id"]
        if entry.event == UserRoleGranted.name:
            found[key] = Period(
                role=entry.payload["role"],
                scope_name=names.get(entry.payload["scope"], "whole organisation"),
                begin=entry.at,
                end=None,
                expires=None,
                seq=entry.sequence,
            )
        elif key not in found:
            continue  # what gave it was erased
        elif entry.event == UserRoleExpirySet.name:
            found[key] = replace(found[key], expires=moment(entry.payload["expires"]))
        else:
            found[key] = replace(found[key], end=entry.at)
    return list(found.values())


def closed_at(entries: Iterable[ledger.Record]) -> datetime | None:
    """Return when the access was closed; None while it is open."""
    return next((e.at for e in entries if e.event == UserDeactivated.name), None)


def moment(text: str) -> datetime:
    """Return the moment that an entry writes as `text`."""
    return datetime.fromisoformat(text)


def allowed(roles: Iterable[str]) -> list[str]:
    """Return what `roles` let their holder do, in some project or for the organisation."""
    held = set(roles)
    carried = {c for role in held for c in PROJECT_ROLES.get(role, ADMINISTRATOR_ON_PROJECTS)}
    return [
        *(title for codename, title in PROJECT_TITLES.items() if codename in carried),
        *(
            title
            for codename, title in ORGANISATION_TITLES.items()
            if held & ORGANISATION_ROLES[codename]
        ),
    ]
