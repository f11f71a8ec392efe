"""The rules on alerts, each as one sentence."""

from accounts.errors.base import AccountsError


class AlertAnsweredError(AccountsError):
    """An alert is answered once."""

    code = "alert_answered"

    def __init__(self) -> None:
        super().__init__("Somebody answered this alert already; nothing was changed.")
