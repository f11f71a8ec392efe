"""De-identification by PS3.15 Table E.1-1 (2026c), driven by the table as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pydicom import Dataset


class PixelDecision(NamedTuple):
    """Whether pixels may be shown: outcome "clear" or "quarantine", a sentence, and a code."""

    outcome: str
    reason: str
    code: str


def deidentify(
    dataset: Dataset, *, key: bytes, options: frozenset[str] = frozenset()
) -> Dataset:
    """Return a cleaned copy of `dataset`; ValueError for an unknown option or an unfit key."""
    raise NotImplementedError


def deidentify_with_counts(
    dataset: Dataset, *, key: bytes, options: frozenset[str] = frozenset()
) -> tuple[Dataset, dict[str, int]]:
    """Like `deidentify`, with how many elements each action touched, for the ledger."""
    raise NotImplementedError


def pixel_decision(dataset: Dataset) -> PixelDecision:
    """Decide whether pixels can carry burned-in names; fails closed."""
    raise NotImplementedError


def subject_key(dataset: Dataset, *, key: bytes) -> str:
    """Return the patient's pseudonym: HMAC-SHA-256 in hex, "" if the file names nobody."""
    raise NotImplementedError


__all__: list[Any] = ["PixelDecision", "deidentify", "deidentify_with_counts", "pixel_decision", "subject_key"]
