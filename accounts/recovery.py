"""Go on after signed entries are lost for good: two named people, each with their password.

While the record is held nobody can sign in, for a sign-in is an entry too; so both answer at
the server's console.  The accounts are those of the database as it was restored.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import ledger
from accounts.errors.people import NotThisPersonError
from accounts.errors.retention import SecondPersonError
from accounts.errors.sign_in import TemporaryPasswordError
from accounts.identifiers import skeleton
from accounts.models import User
from accounts.permissions import require_steward

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Credentials:
    """An account name and its password, as somebody typed them."""

    identifier: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.identifier!r})"


def recover(*, by: Credentials, approved_by: Credentials, reason: str) -> list[str]:
    """Declare the recovery on the word of two people; return what is lost, in words.

    Raises NotThisPersonError, TemporaryPasswordError, PermissionDenied, SecondPersonError or
    ledger.RecoveryRefusedError; then nothing is on record.
    """
    declaring, approving = _person(by), _person(approved_by)
    for person in (declaring, approving):
        require_steward(person, None)

    if declaring == approving:
        raise SecondPersonError("approves the recovery")

    return ledger.recover(by=declaring, approved_by=approving, reason=reason)


def _person(told: Credentials) -> User:
    """Return whose name and password these are; the failure cannot be recorded, only logged."""
    person = User.objects.filter(identifier=skeleton(told.identifier), is_active=True).first()
    if person is None or not person.check_password(told.password):
        logger.warning("recovery: an account name and password did not match")
        raise NotThisPersonError(told.identifier)
    if person.temporary_password:
        raise TemporaryPasswordError
    return person
