"""The rules on the life of a machine, each as one sentence."""

from accounts.errors.base import AccountsError


class DeviceStateError(AccountsError):
    """What can be done with a machine depends on its state."""

    code = "device_state"

    def __init__(self, tag: str, state: str) -> None:
        super().__init__(f"{tag} is {state.lower()} now; this cannot be done with it.")


class HandOverError(AccountsError):
    """Another holder confirms receipt: nobody is made to answer unasked."""

    code = "hand_over"

    def __init__(self) -> None:
        super().__init__("Hand it over: the new holder confirms receipt.")


class SameHolderError(AccountsError):
    """A hand-over is between two people."""

    code = "same_holder"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("Giver and receiver are two people; choose somebody else.")


class NotTheReceiverError(AccountsError):
    """Only the person to whom a machine was sent confirms that it came."""

    code = "not_the_receiver"

    def __init__(self, receiver: str) -> None:
        super().__init__(f"It was handed over to {receiver}, who confirms receipt.")


class NotTheHolderError(AccountsError):
    """Only whoever holds a machine confirms to have it."""

    code = "not_the_holder"

    def __init__(self) -> None:
        super().__init__("Whoever holds the device confirms it; that is not you.")


class TransferClosedError(AccountsError):
    """A hand-over ends once."""

    code = "transfer_closed"

    def __init__(self, state: str) -> None:
        super().__init__(f"This hand-over is {state.lower()} already; look again.")


class SecondSanitiserError(AccountsError):
    """Whoever erased a medium does not approve it."""

    code = "second_sanitiser"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("You approve what somebody else did; name another person.")


class NotSanitisedError(AccountsError):
    """What can hold data is sanitised before it leaves."""

    code = "not_sanitised"

    def __init__(self) -> None:
        super().__init__("It can hold data: record how it was sanitised first.")


class FutureDateError(AccountsError):
    """What was done or seen was not done tomorrow."""

    code = "future_date"
    is_invalid_input = True

    def __init__(self) -> None:
        super().__init__("That day has not come yet.")
