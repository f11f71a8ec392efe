"""Splits: divide subjects, never images, into training, validation and test."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from annotations.errors import InvalidSplitError

SUBSETS = ("train", "validation", "test")
RULE = "subjects in order of SHA-256(seed, code); quotas by largest remainder"
WRITTEN = re.compile(r"([0-9]{1,3}):([0-9]{1,3}):([0-9]{1,3})", re.ASCII)


@dataclass(frozen=True)
class Split:
    """Percentages for training, validation and test; they add up to 100."""

    train: int
    validation: int
    test: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "80:10:10"; raises InvalidSplitError."""
        match = WRITTEN.fullmatch(text.strip())
        if match is None or sum(parts := tuple(map(int, match.groups()))) != 100:  # noqa: PLR2004 - per cent
            raise InvalidSplitError(text)
        return cls(*parts)

    @property
    def parts(self) -> tuple[int, int, int]:
        return self.train, self.validation, self.test

    def __str__(self) -> str:
        return ":".join(map(str, self.parts))


def by_subject(codes: Iterable[str], *, split: Split, seed: str) -> dict[str, str]:
    """Return the subset of each subject.

    The order comes from a hash of `seed` and the subject's code alone: neither the order in
    which subjects are given nor their images count, and the same seed puts a subject at the
    same place in every snapshot.  Each subset differs from its exact share by less than one.
    """
    ordered = sorted(set(codes), key=lambda code: _place(code, seed))
    bounds: list[str] = []
    for subset, quota in zip(SUBSETS, _quotas(len(ordered), split), strict=True):
        bounds += [subset] * quota
    return dict(zip(ordered, bounds, strict=True))


def _place(code: str, seed: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{code}".encode()).digest()


def _quotas(total: int, split: Split) -> list[int]:
    """Share `total` by largest remainder; a tie goes to the subset named first."""
    quotas = [total * part // 100 for part in split.parts]
    remainders = [total * part % 100 for part in split.parts]
    ranking = sorted(range(len(quotas)), key=lambda place: (-remainders[place], place))
    for place in ranking[: total - sum(quotas)]:
        quotas[place] += 1
    return quotas
