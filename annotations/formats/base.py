"""What every annotation format must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

formats: dict[str, type[AnnotationFormat]] = {}


@dataclass(frozen=True, kw_only=True)
class FrozenItem:
    """One member of a snapshot: its record and the sealed revisions it names, parsed.

    `member` has schema snapshot.member/1, each of `revisions` annotation.revision/1 with its
    `content_hash` beside it.
    """

    member: Mapping[str, Any]
    revisions: Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class FrozenDataset:
    """A snapshot as a format gets it; `head` has schema dataset.snapshot/1."""

    head: Mapping[str, Any]
    content_hash: str
    labels: Sequence[Mapping[str, Any]]
    items: Sequence[FrozenItem]


class AnnotationFormat(ABC):
    """Writes a frozen dataset in one format.  Subclassing registers it."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init_subclass__(cls, *, name: str, title: str) -> None:
        cls.name = name
        cls.title = title
        formats[name] = cls

    @abstractmethod
    def write(self, dataset: FrozenDataset) -> dict[str, bytes]:
        """Return file names and contents; equal datasets give equal bytes."""
