"""The rules of this app, each as one sentence to the person at the screen."""

from typing import ClassVar


class AccountsError(Exception):
    """An act that the rules on people, roles, sessions, devices or signing refuse."""

    code: ClassVar[str] = "refused"
    is_recorded: ClassVar[bool] = False  # True: whoever raises it has recorded the refusal
    is_invalid_input: ClassVar[bool] = False  # True: what was typed cannot be, as 422 says


class IdentifierTakenError(AccountsError):
    """An account name is given once, for ever, and none may look like another."""

    code = "identifier_taken"

    def __init__(self) -> None:
        super().__init__(
            "This account name, or one that looks the same, was given before. "
            "Names are never given twice; choose another."
        )


class SlugTakenError(AccountsError):
    """A project's short name is given once."""

    code = "slug_taken"

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is a project called {slug} already; choose another name.")


class ReasonMissingError(AccountsError):
    """An act on somebody's access says why."""

    code = "reason_missing"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Say why in a few words; the record keeps the reason.")


class OwnAccessError(AccountsError):
    """Nobody changes their own access."""

    code = "own_access"

    def __init__(self) -> None:
        super().__init__("Nobody changes their own access; another administrator does it.")


class RoleScopeError(AccountsError):
    """Administrators belong to the organisation, every other role to one project."""

    code = "role_scope"
    is_invalid_input = True

    def __init__(self, role: str) -> None:
        place = "the whole organisation" if role == "administrator" else "one project"
        super().__init__(f"This role is for {place}; choose that and try again.")


class RoleHeldError(AccountsError):
    """A role is granted once at a time."""

    code = "role_held"

    def __init__(self) -> None:
        super().__init__("This person already holds this role there.")


class RoleNotHeldError(AccountsError):
    """Only a role that is held can be ended."""

    code = "role_not_held"

    def __init__(self) -> None:
        super().__init__("This role has ended already; nothing was changed.")


class LastAdministratorError(AccountsError):
    """Somebody must stay able to administer."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__(
            "This is the last administrator. Make somebody else administrator first."
        )


class PersonInactiveError(AccountsError):
    """Closed access stays closed."""

    code = "person_inactive"

    def __init__(self) -> None:
        super().__init__("This person's access is closed; nothing can be given to them.")


class SessionEndedError(AccountsError):
    """A session ends once."""

    code = "session_ended"

    def __init__(self) -> None:
        super().__init__("This session has ended already.")


class PasswordRefusedError(AccountsError):
    """A password is long, unknown to breach lists and new."""

    code = "password_refused"
    is_invalid_input = True

    def __init__(self, messages: list[str]) -> None:
        super().__init__(" ".join(messages))


class DeviceKnownError(AccountsError):
    """An asset tag names one device, for ever."""

    code = "device_known"

    def __init__(self, asset_tag: str) -> None:
        super().__init__(f"{asset_tag} is on the inventory already; tags are not used twice.")


class DeviceUnmovedError(AccountsError):
    """A movement changes the place or the holder."""

    code = "device_unmoved"

    def __init__(self) -> None:
        super().__init__("The device is there already, in the same care; nothing was recorded.")


class DeviceChangedError(AccountsError):
    """A movement starts from where the person who records it saw the device."""

    code = "device_changed"

    def __init__(self, place: str) -> None:
        super().__init__(f"Somebody moved it meanwhile: it is at {place}. Look again.")


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


class TemporaryPasswordError(AccountsError):
    """A password that somebody else chose signs nothing."""

    code = "temporary_password"
    is_recorded = True

    def __init__(self) -> None:
        super().__init__("Choose your own password first; then you can sign.")


class NotThisPersonError(AccountsError):
    """Whoever answers at the console proves to be the person whose name goes on record."""

    code = "not_this_person"

    def __init__(self, identifier: str) -> None:
        super().__init__(
            f"There is no open account {identifier!r} with this password. Nothing was done."
        )
