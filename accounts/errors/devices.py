"""The rules on machines, each as one sentence."""

from accounts.errors.base import AccountsError


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
