"""Coarse facts for judging whether a data set is representative, read before they are removed.

Nothing here names a person: ages are in bins of ten years, 90 and above in one; what is missing
or invalid is said, never guessed.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from annotations.imaging.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset

MISSING = "missing"
INVALID = "invalid"
SEXES = frozenset({"M", "F", "O"})
AGE = re.compile(r"(\d{3})([DWMY])")
YEARS_PER_UNIT = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
OLDEST = 90
BIN = 10


def described(dataset: Dataset) -> dict[str, str]:
    """Return sex, age band, manufacturer and body part of the original data set."""
    return {
        "sex": _sex(values.text(dataset, "PatientSex").upper()),
        "age_band": _age_band(dataset),
        "manufacturer": " ".join(re.findall(r"[A-Z0-9]+", _upper(dataset, "Manufacturer"))),
        "body_part": _upper(dataset, "BodyPartExamined") or MISSING,
    }


def _upper(dataset: Dataset, keyword: str) -> str:
    return values.text(dataset, keyword).upper()[:64]


def _sex(value: str) -> str:
    if not value:
        return MISSING
    return value if value in SEXES else INVALID


def _age_band(dataset: Dataset) -> str:
    text = values.text(dataset, "PatientAge")
    match = AGE.fullmatch(text)
    if match:
        years = int(match[1]) * YEARS_PER_UNIT[match[2]]
    elif text:
        return INVALID
    else:
        found = _age_at_study(dataset)
        if found is None:
            return MISSING
        years = found
    if years >= OLDEST:
        return f"{OLDEST}+"
    low = int(years) // BIN * BIN
    return f"{low}-{low + BIN - 1}"


def _age_at_study(dataset: Dataset) -> float | None:
    try:
        born = date.fromisoformat(values.text(dataset, "PatientBirthDate"))
        seen = date.fromisoformat(values.text(dataset, "StudyDate"))
    except ValueError:
        return None
    days = (seen - born).days
    return days / 365.25 if days >= 0 else None
