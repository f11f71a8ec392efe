"""What every refusal of this app is."""

from typing import ClassVar


class AccountsError(Exception):
    """An act that the rules on people, roles, sessions, devices or signing refuse."""

    code: ClassVar[str] = "refused"
    is_recorded: ClassVar[bool] = False  # True: whoever raises it has recorded the refusal
    is_invalid_input: ClassVar[bool] = False  # True: what was typed cannot be, as 422 says
    # where the person finds what mends it: the name of a page, and what its link says
    help_page: ClassVar[tuple[str, str] | None] = None


class ReasonMissingError(AccountsError):
    """An act on somebody's access says why."""

    code = "reason_missing"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Say why in a few words; the record keeps the reason.")
