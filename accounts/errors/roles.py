"""The rules on roles that go together and that end, each as one sentence."""

from accounts.errors.base import AccountsError


class RolesApartError(AccountsError):
    """Some roles are never held by one person at once."""

    code = "roles_apart"

    def __init__(self, rule: str) -> None:
        super().__init__(rule)


class ExpiryPastError(AccountsError):
    """A role ends after it begins."""

    code = "expiry_past"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Choose an end that is still to come.")


class AuditorTermError(AccountsError):
    """An auditor comes for a time."""

    code = "auditor_term"
    is_invalid_input = True

    def __init__(self, days: int) -> None:
        super().__init__(
            f"An auditor's role ends by itself: choose its last day, at most {days} days "
            "ahead, or say why it must be longer."
        )
