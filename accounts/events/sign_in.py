"""What can happen where people come in, and while they stay."""

import ledger


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


class AccessRefused(ledger.Event, name="access.refused"):
    """Somebody asked for what their roles, or a rule, do not allow; nothing was changed."""

    act: str  # method and address pattern, without what was asked about
    rule: str
