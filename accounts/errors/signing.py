"""The rules on signing, each as one sentence."""

from accounts.errors.base import AccountsError


class SigningRefusedError(AccountsError):
    """A signature needs the signer's own account name and password."""

    code = "signing_refused"
    is_recorded = True

    def __init__(self) -> None:
        super().__init__(
            "The account name and password do not match yours. Nothing was signed."
        )


class SigningLockedError(AccountsError):
    """After several wrong passwords nobody signs with this account for a while."""

    code = "signing_locked"
    is_recorded = True

    def __init__(self, minutes: int) -> None:
        super().__init__(
            f"Too many wrong passwords. Signing opens again within {minutes} minutes; "
            "your work is kept."
        )


class SigningExpiredError(AccountsError):
    """What was shown for signing is signed within two minutes."""

    code = "signing_expired"
    is_recorded = True

    def __init__(self) -> None:
        super().__init__("The two minutes to sign are over. Look again, then sign.")


class NonceUsedError(AccountsError):
    """A request to sign is answered once."""

    code = "nonce_used"
    is_recorded = True

    def __init__(self) -> None:
        super().__init__("This signing was answered already. Open the page again to sign.")


class NotYourRequestError(AccountsError):
    """A request to sign is answered by the person it was made for."""

    code = "not_your_request"
    is_recorded = True

    def __init__(self) -> None:
        super().__init__("This signing was prepared for somebody else. Nothing was signed.")
