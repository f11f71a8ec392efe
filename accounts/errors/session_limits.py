"""The rules on the limits of sessions, each as one sentence."""

from accounts.errors.base import AccountsError


class LimitsOutOfRangeError(AccountsError):
    """Sessions lock within 15 minutes and end within 12 hours."""

    code = "limits_out_of_range"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__(
            "Choose 5 to 15 whole minutes without activity, and 1 to 12 whole hours in all."
        )


class LimitsUnchangedError(AccountsError):
    """A setting that changes nothing is none."""

    code = "limits_unchanged"

    def __init__(self) -> None:
        super().__init__("These limits are in force already; nothing was changed.")


class LimitsChangedError(AccountsError):
    """Whoever sets limits has seen the ones in force."""

    code = "limits_changed"

    def __init__(self) -> None:
        super().__init__(
            "Somebody else set the limits meanwhile; look at theirs, then decide again."
        )
