"""What can happen to what people show who they are with."""

import ledger


class PasswordChanged(ledger.Event, name="credential.password_changed"):
    """A person chose a new password; the old one no longer works."""

    credential_kind: str
    requested_by: str


class PasswordResetIssued(ledger.Event, name="credential.password_reset_issued"):
    """An administrator replaced a password; the new one only lets its person choose another."""

    credential_kind: str
    requested_by: str
    approved_by: str
