"""The people of the demo: one for each role, and the file that says how to sign in."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

import ledger
from accounts import people, projects, roles, sessions
from accounts.adapter import PASSWORD_FACTORS
from accounts.models import Project, Role, Session, User
from accounts.models.role import AUDITOR_DAYS
from accounts.roles import SETUP

NAMES = {
    Role.ADMINISTRATOR: ("Ines Moreau", "Europe/Paris"),
    Role.DATA_MANAGER: ("Samir Haddad", "Europe/Paris"),
    Role.ANNOTATOR: ("Ana Lima", "Europe/Lisbon"),
    Role.REVIEWER: ("Jonas Berg", "Europe/Berlin"),
    Role.ADJUDICATOR: ("Mei Tan", "Asia/Singapore"),
    Role.REGULATORY: ("Ruth Okafor", "Europe/London"),
    Role.AUDITOR: ("Piotr Zielak", "Europe/Warsaw"),
}
PASSWORD_BYTES = 15  # 20 characters


class WrongPasswordError(Exception):
    """The file of the demo's accounts no longer holds the password of one of them."""

    def __init__(self, user: User) -> None:
        super().__init__(
            f"The password of {user.email} is another than the one in the file of accounts;"
            " the rest of the story cannot be told for this person."
        )


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who plays in the demo, by role, and the passwords they sign in and sign with."""

    users: dict[str, User]
    passwords: dict[str, str]
    signed_in: dict[str, Session] = field(default_factory=dict)

    def __getitem__(self, role: str) -> User:
        return self.users[role]

    @contextmanager
    def acting(self, role: str) -> Iterator[User]:
        """Let the person with `role` act, signed in: the record keeps session and role."""
        session = self.signed_in.get(role) or self._sign_in(role)
        with ledger.origin(role=str(role), session=str(session.pk)):
            yield self.users[role]

    def _sign_in(self, role: str) -> Session:
        """Begin the person's session.  Raises WrongPasswordError, as signing in would."""
        user = self.users[role]
        if not user.check_password(self.passwords[role]):
            raise WrongPasswordError(user)
        self.signed_in[role] = session = sessions.begin(
            user, factors=PASSWORD_FACTORS, address=None
        )
        return session

    def sign_out(self) -> None:
        """End every session that the story began."""
        for role, session in self.signed_in.items():
            with ledger.origin(role=str(role), session=str(session.pk)):
                sessions.end(session, how=Session.End.SIGNED_OUT, by=self.users[role])
        self.signed_in.clear()


def invite(slug: str, name: str) -> tuple[Project, Cast]:
    """Open the project and give each role a person; the first administrator comes by set-up."""
    passwords = {str(role): secrets.token_urlsafe(PASSWORD_BYTES) for role in NAMES}
    administrator = _account(Role.ADMINISTRATOR, passwords, by=SETUP)
    roles.grant(
        administrator,
        role=Role.ADMINISTRATOR,
        by=SETUP,
        reason="First administrator of the demo",
    )
    users = {str(Role.ADMINISTRATOR): administrator}
    with ledger.origin(role=str(Role.ADMINISTRATOR)):
        project = projects.create(slug=slug, name=name, by=administrator)
        for role in NAMES:
            if role == Role.ADMINISTRATOR:
                continue
            users[str(role)] = user = _account(role, passwords, by=administrator)
            roles.grant(
                user,
                role=role,
                project=project,
                by=administrator,
                reason=f"{role.label} of the demo project",
                term=_term() if role == Role.AUDITOR else None,
            )
    return project, Cast(users=users, passwords=passwords)


def _term() -> roles.Term:
    return roles.Term(expires_at=timezone.now() + timedelta(days=AUDITOR_DAYS))


def _account(role: Role, passwords: dict[str, str], *, by: User | str) -> User:
    name, time_zone = NAMES[role]
    return people.create(
        email=f"{role.value.replace('_', '.')}@demo.example",
        printed_name=name,
        by=by,
        password=passwords[role.value],
        time_zone=time_zone,
        temporary=False,
    )


def write_accounts(path: Path, cast: Cast) -> None:
    """Write how to sign in as each role, readable by the owner of the demo only."""
    accounts = [
        {
            "role": role,
            "email": user.email,
            "password": cast.passwords[role],
            "totp_secret": None,
        }
        for role, user in cast.users.items()
    ]
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(accounts, file, indent=2)
    draft.rename(path)
