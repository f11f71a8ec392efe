"""The rules on browsers that name their machine, each as one sentence."""

from accounts.errors.base import AccountsError


class ChallengeSpentError(AccountsError):
    """A challenge is answered once, within two minutes, for the purpose it was made for."""

    code = "challenge_spent"

    def __init__(self) -> None:
        super().__init__("This challenge was used or is too old; ask for a new one.")


class BrowserProofError(AccountsError):
    """A browser names a machine by the key that was registered for it."""

    code = "browser_proof"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("This browser did not show the key of a registered device.")


class BrowserKnownError(AccountsError):
    """A browser's key stands for one machine."""

    code = "browser_known"

    def __init__(self) -> None:
        super().__init__("This browser's key stands for another device already.")


class PolicyUnchangedError(AccountsError):
    """A policy that is recorded differs from the one before."""

    code = "policy_unchanged"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("That is the policy already; nothing was recorded.")
