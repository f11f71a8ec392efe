"""The rules on sessions and passwords, each as one sentence."""

from accounts.errors.base import AccountsError


class SessionEndedError(AccountsError):
    """A session ends once."""

    code = "session_ended"

    def __init__(self) -> None:
        super().__init__("This session has ended already.")


class PasswordRefusedError(AccountsError):
    """A password is long, unknown to breach lists and new."""

    code = "password_refused"
    is_invalid_input = True

    def __init__(self, messages: list[str]) -> None:
        super().__init__(" ".join(messages))


class TemporaryPasswordError(AccountsError):
    """A password that somebody else chose signs nothing."""

    code = "temporary_password"
    is_recorded = True

    def __init__(self) -> None:
        super().__init__("Choose your own password first; then you can sign.")
