"""The rules on programs and their tokens, each as one sentence."""

from accounts.errors.base import AccountsError


class ServiceNameTakenError(AccountsError):
    """A service's name is given once, for ever, and none may look like another."""

    code = "service_name_taken"

    def __init__(self) -> None:
        super().__init__(
            "This name, or one that looks the same, was given before; choose another."
        )


class ServiceClosedError(AccountsError):
    """A closed service stays closed."""

    code = "service_closed"

    def __init__(self) -> None:
        super().__init__("This service is closed for good; open another one.")


class SameOwnerError(AccountsError):
    """Handing over changes the owner."""

    code = "same_owner"

    def __init__(self) -> None:
        super().__init__("This person answers for it already; nothing was recorded.")


class TokenLifetimeError(AccountsError):
    """A token expires, within a year."""

    code = "token_lifetime"
    is_invalid_input = True

    def __init__(self, days: int) -> None:
        super().__init__(f"A token is valid for 1 to {days} days; choose a number of these.")


class TokenScopeError(AccountsError):
    """A token is given one scope or more, of those there are."""

    code = "token_scope"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Choose at least one thing that the token may do.")


class TokenRevokedError(AccountsError):
    """A token is revoked once."""

    code = "token_revoked"

    def __init__(self) -> None:
        super().__init__("This token was revoked already; nothing was changed.")
