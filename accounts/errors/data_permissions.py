"""The rules on data permissions, each as one sentence to the person at the screen."""

from accounts.errors.base import AccountsError


class NotPermittedError(AccountsError):
    """Patients' data are used with a current permission for that purpose, or not at all."""

    code = "no_data_permission"

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


class PermissionFactsError(AccountsError):
    """A permission names its basis, its approval, its terms, its purposes and its document."""

    code = "permission_facts"
    is_invalid_input = True

    def __init__(self, why: str) -> None:
        super().__init__(why)


class PermissionWithdrawnError(AccountsError):
    """A permission is withdrawn once."""

    code = "permission_withdrawn"

    def __init__(self) -> None:
        super().__init__("This was withdrawn already; nothing was changed.")
