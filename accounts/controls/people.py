"""What the record shows about people and roles; queries over entries alone."""

import ledger
from accounts.controls.base import Entries, Findings, finding
from accounts.events.people import (
    UserCreated,
    UserDeactivated,
    UserRoleGranted,
    UserRoleRevoked,
)
from accounts.events.roles import UserRoleExpired

SETUP = "system:setup"
ADMINISTRATOR = "administrator"


@ledger.control("unique_user_ids", title="One account, one person", judges={UserCreated.name})
def unique_user_ids(entries: Entries) -> Findings:
    """No two accounts have the same name, however it is written (11.100(a), 11.300(a))."""
    seen: set[str] = set()
    for entry in entries:
        if entry.event == UserCreated.name:
            account = entry.payload["account"].casefold().strip()
            if account in seen:
                yield finding(entry, "gives an account name that was given before")
            seen.add(account)


@ledger.control(
    "no_reused_identifiers", title="No identifier is given again", judges={UserCreated.name}
)
def no_reused_identifiers(entries: Entries) -> Findings:
    """Whoever left keeps their identifier: nobody else ever gets it (11.100(a))."""
    owners: dict[str, str] = {}
    for entry in entries:
        if entry.event == UserCreated.name:
            account = entry.payload["account"].casefold().strip()
            for name in (account, entry.payload["person_id"]):
                if owners.setdefault(name, entry.subject) != entry.subject:
                    yield finding(entry, "reuses the identifier of another person")


@ledger.control(
    "grants_authorised",
    title="Every role was given by somebody entitled to",
    judges={UserRoleGranted.name},
)
def grants_authorised(entries: Entries) -> Findings:
    """Roles are given by another person, who was an administrator; set-up gives the first."""
    administrators: dict[str, str] = {}  # membership -> person
    for entry in entries:
        told = entry.payload
        if entry.event == UserRoleGranted.name:
            by = told["authorised_by"]
            if by == entry.subject:
                yield finding(entry, "was given by its own holder")
            elif by == SETUP and administrators:
                yield finding(entry, "was given by set-up although an administrator existed")
            elif by != SETUP and by not in administrators.values():
                yield finding(entry, "was given by somebody who was no administrator")
            if told["role"] == ADMINISTRATOR:
                administrators[told["membership_id"]] = entry.subject
        elif entry.event in {UserRoleRevoked.name, UserRoleExpired.name}:
            administrators.pop(told["membership_id"], None)


@ledger.control(
    "leaver_access",
    title="Nobody acts after their access was closed",
    judges={UserDeactivated.name},
)
def leaver_access(entries: Entries) -> Findings:
    """No entry after a deactivation has the person as its actor (11.10(d), 164.308(a)(3))."""
    closed: set[str] = set()
    for entry in entries:
        if entry.actor in closed:
            yield finding(entry, "was done by somebody whose access had been closed")
        if entry.event == UserDeactivated.name:
            closed.add(entry.subject)
