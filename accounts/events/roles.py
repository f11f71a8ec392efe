"""What can happen to roles that are held for a time."""

import ledger


class UserRoleExpirySet(ledger.Event, name="user.role_expiry_set"):
    """A role was given until a moment; the reason says why that is later than usual, if so."""

    membership_id: str
    person_id: str
    role: str
    scope: str  # "organisation", or the project's name in the record
    expires: str  # TIME of formats.md


class UserRoleExpired(ledger.Event, name="user.role_expired"):
    """A role reached its end; since that moment it had opened nothing."""

    membership_id: str
    person_id: str
    role: str
    scope: str
    expired: str  # TIME of formats.md: when it stopped to open anything
