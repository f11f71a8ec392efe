"""What can happen to people, their roles and the projects they work in."""

import ledger


class UserCreated(ledger.Event, name="user.created", calls="printed_name"):
    """A named person got an account; the account name is never given to anybody else."""

    person_id: str
    account: str
    printed_name: str
    time_zone: str


class UserDeactivated(ledger.Event, name="user.deactivated"):
    """A person's access was closed: every role and session of theirs ended with it."""

    person_id: str
    authorised_by: str


class UserRoleGranted(ledger.Event, name="user.role_granted"):
    """A person was given a role, for one project or for the organisation."""

    membership_id: str
    person_id: str
    role: str
    scope: str  # "organisation", or the project's name in the record
    authorised_by: str
    justification: str


class UserRoleRevoked(ledger.Event, name="user.role_revoked"):
    """A role that a person held has ended."""

    membership_id: str
    person_id: str
    role: str
    scope: str
    authorised_by: str
    justification: str


class ProjectCreated(ledger.Event, name="project.created", calls="title"):
    """A project was opened; from here on it has its own stream."""

    project_id: str
    slug: str
    title: str
