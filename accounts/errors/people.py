"""The rules on people, their roles and their projects, each as one sentence."""

from accounts.errors.base import AccountsError


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


class NotThisPersonError(AccountsError):
    """Whoever answers at the console proves to be the person whose name goes on record."""

    code = "not_this_person"

    def __init__(self, identifier: str) -> None:
        super().__init__(
            f"There is no open account {identifier!r} with this password. Nothing was done."
        )
