"""What can happen to people, roles, sessions, devices and signing."""

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


class LoginSucceeded(ledger.Event, name="auth.login_succeeded"):
    """A person showed who they are, by these components, and a session began."""

    session_id: str
    factors: tuple[str, ...]


class LoginFailed(ledger.Event, name="auth.login_failed"):
    """Somebody did not get in; what they typed is not kept."""

    failure_class: str  # credentials, locked_out, access_closed


class LockedOut(ledger.Event, name="auth.locked_out"):
    """Failures for one account from one address reached the limit; tries wait for a while."""

    failures: int
    seconds: int


class LoggedOut(ledger.Event, name="auth.logged_out"):
    """A person ended their own session, by signing out or by locking the screen."""

    session_id: str
    manner: str  # signed_out, locked


class SessionTimedOut(ledger.Event, name="auth.session_timeout"):
    """The server ended a session that reached a limit."""

    session_id: str
    limit: str  # idle, absolute, or clock for one dated in the future
    seconds: int  # the limit in force


class SessionRevoked(ledger.Event, name="auth.session_revoked"):
    """A session was ended for its person, effective at once."""

    session_id: str
    cause: str  # revoked, replaced, access_closed, password_changed


class PasswordChanged(ledger.Event, name="credential.password_changed"):
    """A person chose a new password; the old one no longer works."""

    credential_kind: str
    requested_by: str


class PasswordResetIssued(ledger.Event, name="credential.password_reset_issued"):
    """An administrator replaced a password; the new one only lets its person choose another."""

    credential_kind: str
    requested_by: str
    approved_by: str


class DeviceRegistered(ledger.Event, name="device.registered", calls="asset_tag"):
    """A machine came onto the inventory, at a place and in somebody's care."""

    device_id: str
    movement_id: str
    asset_tag: str
    kind: str
    serial_hash: str
    place: str
    holder: str | None


class DeviceMoved(ledger.Event, name="device.moved"):
    """A machine went from one place, or one person's care, to another."""

    device_id: str
    movement_id: str
    from_place: str
    to_place: str
    holder: str | None


class DeviceBrowserBound(ledger.Event, name="device.browser_bound"):
    """The browser on a machine was given a key, so that sessions there name the machine."""

    device_id: str
    browser_key: str  # SHA-256 of the key; the one given before no longer works


class SignatureApplied(ledger.Event, name="signature.applied", urgent=True):
    """A person took responsibility for exact versions of records (formats.md, "Signatures")."""

    manifest: str
    components: tuple[str, ...]
    webauthn: dict[str, str] | None


class SignatureFailed(ledger.Event, name="signature.failed"):
    """A signing was tried and did not come about."""

    request_id: str
    meaning: str
    failure_class: str  # credentials, locked, expired, replayed, other_person


class AccessRefused(ledger.Event, name="access.refused"):
    """Somebody asked for what their roles, or a rule, do not allow; nothing was changed."""

    act: str  # method and address pattern, without what was asked about
    rule: str
