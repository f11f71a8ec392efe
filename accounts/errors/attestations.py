"""The rules on attestations, each as one sentence to the person at the screen."""

from accounts.errors.base import AccountsError


class AttestationFactsError(AccountsError):
    """An attestation is about a statement of a clause, on grounds, until a day."""

    code = "attestation_facts"
    is_invalid_input = True

    def __init__(self, why: str) -> None:
        super().__init__(why)


class AttestationSignedError(AccountsError):
    """An attestation is signed once, by whoever prepared it."""

    code = "attestation_signed"

    def __init__(self) -> None:
        super().__init__(
            "This was signed already, or somebody else prepared it. Nothing was signed."
        )
