"""Single attribute values, checked: a wrong one is an ImageError, never a crash."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from annotations.image_errors import DamagedImageError
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from pydicom import Dataset


def raw(dataset: Dataset, keyword: str) -> Any:
    """Return the value of an attribute, None if it is absent or empty."""
    with reading(f"attribute {keyword}"):
        value = dataset.get(keyword)
    return None if value is None or value == "" else value


def text(dataset: Dataset, keyword: str) -> str:
    """Return an attribute's first value as text, "" if absent."""
    value = raw(dataset, keyword)
    if value is None:
        return ""
    several = isinstance(value, list | tuple) or type(value).__name__ == "MultiValue"
    first = (value[0] if len(value) else "") if several else value
    return str(first).strip("\0 ")


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return all values of an attribute as text."""
    value = raw(dataset, keyword)
    if value is None:
        return ()
    several = isinstance(value, list | tuple) or type(value).__name__ == "MultiValue"
    return tuple(str(each).strip("\0 ") for each in (value if several else [value]))


def integer(dataset: Dataset, keyword: str, default: int | None = None) -> int:
    """Return an attribute as an integer; DamagedImageError if it is none, or absent."""
    value = raw(dataset, keyword)
    if value is None:
        if default is None:
            raise DamagedImageError(f"attribute {keyword} is missing")
        return default
    try:
        return int(text(dataset, keyword))
    except ValueError:
        raise DamagedImageError(f"attribute {keyword} is not a whole number") from None


def decimals(dataset: Dataset, keyword: str) -> tuple[Decimal, ...]:
    """Return all values of a numeric attribute exactly as written; () unless all are finite."""
    try:
        found = tuple(Decimal(each) for each in texts(dataset, keyword))
    except InvalidOperation:
        return ()
    return found if all(each.is_finite() for each in found) else ()


def floats(dataset: Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """Return exactly `count` finite numbers, or None if the attribute does not hold them."""
    found = tuple(float(each) for each in decimals(dataset, keyword))
    if len(found) != count or not all(math.isfinite(each) for each in found):
        return None
    return found


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence attribute, [] if absent or no sequence."""
    value = raw(dataset, keyword)
    if type(value).__name__ != "Sequence":
        return []
    with reading(f"sequence {keyword}"):
        return list(value)
