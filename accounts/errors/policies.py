"""The rules on policies, each as one sentence to the person at the screen."""

from accounts.errors.base import AccountsError


class PolicyFactsError(AccountsError):
    """A version says something, from a day on, to somebody."""

    code = "policy_facts"
    is_invalid_input = True

    def __init__(self, why: str) -> None:
        super().__init__(why)


class PolicyUnchangedError(AccountsError):
    """A new version says something new."""

    code = "policy_unchanged"

    def __init__(self) -> None:
        super().__init__("This is what the version before says already; nothing was published.")


class AcknowledgedError(AccountsError):
    """A version is acknowledged once by each person."""

    code = "acknowledged"

    def __init__(self) -> None:
        super().__init__("You acknowledged this version already; nothing was signed again.")


class NotInForceError(AccountsError):
    """What is acknowledged is the newest version in force."""

    code = "not_in_force"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"Another version of “{title}” is in force; open the policy again. "
            "Nothing was signed."
        )


class OtherPaperError(AccountsError):
    """What is signed is what was shown."""

    code = "other_paper"

    def __init__(self) -> None:
        super().__init__(
            "This is not what was shown to you; open it again. Nothing was signed."
        )
