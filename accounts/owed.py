"""What a person owes: each module says what of its work is due from whom.

A page shows it at home, and the daily mail names what is overdue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from accounts.models.data_permission import today
from accounts.permissions import roles_of


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One thing to do: what, until when, and the name and key of the page that does it."""

    title: str
    due: date
    page: str
    key: str = ""

    @property
    def is_overdue(self) -> bool:
        return self.due < today()


Finder = Callable[[User, frozenset[str]], Iterator[Owed]]  # who, in which roles
_finders: list[Finder] = []


def declared(finder: Finder) -> Finder:
    """Declare, as a decorator, who knows what a person owes of one kind of work."""
    _finders.append(finder)
    return finder


def owed(user: User, roles: frozenset[str] | None = None) -> list[Owed]:
    """Return everything that `user` owes now, what was due first in front.

    `roles` are those that `user` holds, where they were asked for already.
    """
    if not user.is_active:
        return []
    roles = roles_of(user) if roles is None else roles
    found = [one for finder in _finders for one in finder(user, roles)]
    return sorted(found, key=lambda one: (one.due, one.title))
