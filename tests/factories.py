"""Make the things tests talk about; a call without arguments is always valid."""

from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from accounts import data_permissions, devices, people, projects, roles, services, sessions
from accounts.http import SESSION_KEY
from accounts.models import (
    DataPermission,
    Device,
    Project,
    Role,
    ServiceAccount,
    Session,
    Token,
    User,
)

PASSWORD = "quiet-harbour-lantern-7"
_numbers = count(1)


@cache
def _password_hash() -> str:
    return make_password(PASSWORD)  # argon2 takes its time: once is enough for all


def make_user(
    *,
    role: str | None = None,
    project: Project | None = None,
    email: str | None = None,
    printed_name: str | None = None,
    **facts: Any,
) -> User:
    """Make a person, through the workflows; with `role`, somebody who holds it.

    A role that belongs to a project gets a new one unless `project` says which.
    """
    number = next(_numbers)
    user = people.create(
        email=email or f"person{number}@example.org",
        printed_name=printed_name or f"Person {number}",
        by=roles.SETUP,
        password=None,
        temporary=False,
        **facts,
    )
    user.password = _password_hash()
    user.save(update_fields=["password"])
    if role == Role.ADMINISTRATOR:
        roles.grant(user, role=role, by=roles.SETUP, reason="made for a test")
    elif role is not None:
        give_role(user, role=role, project=project or make_project())
    return user


def make_administrator() -> User:
    return make_user(role=Role.ADMINISTRATOR)


def give_role(user: User, *, role: str, project: Project) -> None:
    term = roles.Term(expires_at=timezone.now() + timedelta(days=30))
    roles.grant(
        user,
        role=role,
        project=project,
        by=roles.SETUP,
        reason="made for a test",
        term=term if role == Role.AUDITOR else None,  # an auditor's role always ends
    )


def make_project(
    *, slug: str | None = None, name: str | None = None, permitted: bool = True
) -> Project:
    """Make a project whose collection may be used for everything, unless `permitted` is off."""
    number = next(_numbers)
    project = projects.create(
        slug=slug or f"project-{number}", name=name or f"Project {number}", by=roles.SETUP
    )
    if permitted:
        permit(project)
    return project


def permit(
    project: Project, *, by: User | str = roles.SETUP, subject_ref: str = "", **facts: Any
) -> DataPermission:
    """Record a paper that lets the project use its collection, or one subject."""
    given = {
        "basis": DataPermission.Basis.WAIVER.value,
        "basis_reference": "Waiver 1",
        "ethics_approval": "Ethics committee, approval 1",
        "terms": "Data-use terms 1",
        "purposes": data_permissions.PURPOSES,
        "valid_from": date(2020, 1, 1),
        "expires_on": date(2099, 12, 31),
        "document_hash": "ab" * 32,
    }
    return data_permissions.record(
        project,
        facts=data_permissions.Facts(**{**given, **facts}),
        by=by,
        subject_ref=subject_ref,
    )


def make_device(*, by: User | None = None, **facts: Any) -> Device:
    number = next(_numbers)
    given = {
        "asset_tag": f"WS-{number:03}",
        "kind": Device.Kind.WORKSTATION,
        "serial": f"SN-{number:06}",
        "place": "Reading room 1",
        "holder": None,
    }
    return devices.register(**{**given, **facts}, by=by or make_administrator())


def make_service(*, by: User | None = None, **facts: Any) -> ServiceAccount:
    number = next(_numbers)
    given = {
        "name": f"Program {number}",
        "purpose": "sends studies",
        "owner": facts.pop("owner", None) or make_user(),
        "project": facts.pop("project", None) or make_project(),
    }
    return services.open_account(**{**given, **facts}, by=by or make_administrator())


def make_token(
    *, service: ServiceAccount | None = None, by: User | None = None, **facts: Any
) -> tuple[Token, str]:
    """Make a token for a program and return it with its secret."""
    given = {"scopes": ["imports:read", "imports:write"], "days": 90}
    return services.issue(
        service or make_service(), **{**given, **facts}, by=by or make_administrator()
    )


def make_session(user: User | None = None, **facts: Any) -> Session:
    given = {"factors": ("identifier", "password"), "address": "192.0.2.7"}
    return sessions.begin(user or make_user(), **{**given, **facts})


def sign_in(client: Client, user: User) -> Session:
    """Let `user` be signed in with `client`, with a session of ours, without the form."""
    client.force_login(user)
    session = make_session(user)
    stored = client.session
    stored[SESSION_KEY] = str(session.pk)
    stored.save()
    return session


def client_of(user: User) -> Client:
    """Return a client of its own in which `user` is signed in."""
    client = Client()
    sign_in(client, user)
    return client
