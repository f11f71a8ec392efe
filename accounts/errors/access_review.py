"""The rules on reviews of access, each as one sentence."""

from accounts.errors.base import AccountsError


class UndecidedError(AccountsError):
    """A review of access decides on every role."""

    code = "undecided"
    is_invalid_input = True

    def __init__(self, count: int) -> None:
        roles = "1 role is" if count == 1 else f"{count} roles are"
        super().__init__(f"{roles} not decided yet. Keep or end each one, and say why.")


class AccessChangedError(AccountsError):
    """What is signed is what is held."""

    code = "access_changed"

    def __init__(self) -> None:
        super().__init__(
            "Roles were given or ended meanwhile. The list shows them now; decide on those, "
            "then sign."
        )


class ReviewStateError(AccountsError):
    """A review of access is signed once, by whoever decided."""

    code = "review_state"

    def __init__(self) -> None:
        super().__init__("This review was signed already, or is somebody else's.")
