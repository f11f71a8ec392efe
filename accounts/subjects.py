"""Who knows the patients: an app declares how its subjects are described and withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from accounts.errors.retention import SubjectUnknownError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from accounts.models import Project


@dataclass(frozen=True, kw_only=True)
class Described:
    """A subject as an erasure concerns it.

    `key` is the public name of its key, `stream` its project's id, `taken_in` the times
    at which images of it came, `snapshots` the frozen and exported datasets that hold it,
    `waits` a sentence about what must be decided first.
    """

    title: str
    key: str
    stream: str
    images: int
    taken_in: tuple[datetime, ...]
    snapshots: tuple[str, ...]
    waits: str = ""


class Knower(Protocol):
    """An app that knows patients, by the references it gave them."""

    def described(self, ref: str) -> Described | None:
        """Return what an erasure of the subject concerns; None if there is none."""

    def found(self, project: Project, code: str) -> str | None:
        """Return the reference of the subject that a project knows as `code`."""

    def holders(self, refs: Collection[str]) -> frozenset[str]:
        """Return the subjects that what `refs` name belongs to."""

    def withhold(self, ref: str) -> None:
        """Empty what the rows of an erased subject still say of it."""


_known: dict[str, Knower] = {}


def declare(prefix: str, knower: Knower) -> None:
    """Declare who knows the subjects whose references begin with `prefix` and a colon."""
    if prefix in _known:
        raise TypeError(f"The subjects of {prefix!r} are declared twice.")
    _known[prefix] = knower


def described(ref: str) -> Described:
    """Return what an erasure of this subject concerns; raises SubjectUnknownError."""
    knower = _known.get(ref.partition(":")[0])
    found = knower.described(ref) if knower else None
    if found is None:
        raise SubjectUnknownError
    return found


def found(project: Project, code: str) -> str | None:
    """Return the reference of the subject that `project` knows as `code`; None if none is."""
    known = (knower.found(project, code) for knower in _known.values())
    return next((ref for ref in known if ref), None)


def holders(refs: Collection[str]) -> frozenset[str]:
    """Return the subjects that what `refs` name belongs to: a hold on one touches them."""
    return frozenset().union(*(knower.holders(refs) for knower in _known.values()))


def withhold(ref: str) -> None:
    """Empty what the rows of an erased subject still say of it; its key is gone."""
    _known[ref.partition(":")[0]].withhold(ref)
