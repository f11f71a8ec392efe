"""The rules on signing in through the organisation, each as one sentence."""

from typing import ClassVar

from accounts.errors.base import AccountsError


class IssuerUnknownError(AccountsError):
    """People are linked to the organisations that this site is set up with."""

    code = "issuer_unknown"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("This site knows no such organisation; choose one of those listed.")


class IdentityTakenError(AccountsError):
    """One subject is one person, and one person has one subject at an issuer."""

    code = "identity_taken"

    def __init__(self) -> None:
        super().__init__(
            "This account there is linked already, or this person has another one there. "
            "End that link first."
        )


class LinkEndedError(AccountsError):
    """A link ends once."""

    code = "link_ended"

    def __init__(self) -> None:
        super().__init__("This link has ended already; nothing was changed.")


class OrganisationRefusedError(AccountsError):
    """What came back from the organisation does not sign anybody in."""

    code = "organisation_refused"
    is_recorded: ClassVar[bool] = True

    def __init__(self, why: str) -> None:
        self.why = why  # one word, for the record
        super().__init__(
            "Your organisation's sign-in did not let you in here. Try again; if it happens "
            "again, your administrator can see why."
        )
