"""What an anchor is: somebody or something that keeps a checkpoint where we cannot change it.

One file a kind: a subclass of `Anchor` registers itself.  An anchor is shown hashes and the
origins of streams, which name the site and a project by its number; no personal data leaves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit, urlunsplit

from ledger.verifier.notes import Checkpoint, checkpoint_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

anchor_kinds: dict[str, type[Anchor]] = {}


class AnchorError(Exception):
    """An anchor did not take a checkpoint; the sentence says why and holds no secret."""


class ContradictionError(AnchorError):
    """An anchor holds something that this record's history cannot have: two were shown."""


class DeclinedError(AnchorError):
    """An anchor does not take checkpoints of that stream, which is no failure."""


@dataclass(frozen=True)
class Head:
    """A checkpoint on its way out: the signed `note` and what it says.

    `proof` returns the consistency proof from a smaller size to this one (RFC 9162 §2.1.4.1).
    """

    origin: str
    size: int
    root: bytes
    note: str
    proof: Callable[[int], list[bytes]]

    @property
    def text(self) -> bytes:
        """The three lines that are signed, stamped and cosigned."""
        return checkpoint_text(Checkpoint(self.origin, self.size, self.root)).encode()


@dataclass(frozen=True)
class Before:
    """What an anchor took of the same stream last, and the time it vouched for then."""

    size: int = 0
    at: datetime | None = None


NEVER = Before()


@dataclass(frozen=True)
class Taken:
    """What an anchor gave back, to be kept, and the time it vouches for, if it does."""

    token: bytes
    at: datetime | None = None


class Anchor(ABC):
    """One configured place; `kind` is that of its tokens."""

    kind: ClassVar[str]

    def __init_subclass__(cls, *, kind: str = "") -> None:
        if not kind:
            return  # what several kinds have in common
        if kind in anchor_kinds:
            raise TypeError(f"The anchor kind {kind!r} is declared twice.")
        cls.kind = kind
        anchor_kinds[kind] = cls

    @classmethod
    @abstractmethod
    def configured(cls) -> list[Self]:
        """Return one for each place that the settings name.

        Raises ValueError, whose sentence names the setting, if one cannot be read.
        """

    @property
    @abstractmethod
    def target(self) -> str:
        """Which place it is, without passwords or tokens; stays the same between starts."""

    @property
    def remark(self) -> str:
        """What people must know before they rely on it; empty if nothing."""
        return ""

    def takes(self, origin: str) -> bool:
        """Tell whether checkpoints of this stream go there; the organisation's always do."""
        return bool(origin)

    @abstractmethod
    def publish(self, head: Head, before: Before) -> Taken:
        """Hand `head` over and return the token, checked.  Raises AnchorError."""

    def complaints(self) -> Iterable[str]:
        """Yield what is wrong with its settings, as sentences that name the setting."""
        return ()


def every_anchor() -> Iterator[Anchor]:
    """Yield every configured anchor, in the order of their kinds."""
    for kind in sorted(anchor_kinds):
        yield from anchor_kinds[kind].configured()


def without_secrets(url: str) -> str:
    """Return `url` without user, password, query and fragment, where secrets are carried."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def is_web_address(url: str) -> bool:
    """Tell whether `url` is http or https with a host: nothing else is ever opened."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
