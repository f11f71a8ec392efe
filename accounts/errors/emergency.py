"""The rules on emergency access, each as one sentence."""

from accounts.errors.base import AccountsError


class NoSuchSubjectError(AccountsError):
    """An emergency concerns one subject of one project."""

    code = "no_such_subject"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("There is no such subject in a project of that name. Check both.")


class EmergencyReasonError(AccountsError):
    """Whoever breaks the glass says why in a sentence."""

    code = "emergency_reason"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Say in a sentence why it cannot wait; a second person will read it.")


class EmergencyOverError(AccountsError):
    """An emergency access opens nothing once its hour, or its session, is over."""

    code = "emergency_over"

    def __init__(self) -> None:
        super().__init__(
            "This emergency access is over. If it is still needed, ask for it again."
        )


class EmergencyStateError(AccountsError):
    """An emergency access is invoked once and reviewed once."""

    code = "emergency_state"

    def __init__(self) -> None:
        super().__init__("This has been decided already; load the page to see what was said.")


class OwnEmergencyError(AccountsError):
    """Nobody reviews their own emergency access."""

    code = "own_emergency"

    def __init__(self) -> None:
        super().__init__("You broke the glass yourself; somebody else reviews it.")
