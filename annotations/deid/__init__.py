"""De-identification by PS3.15 Table E.1-1 (2026c), driven by the table as data.

Attributes outside the table stay only if they are known to be harmless; private attributes go;
UIDs, Patient IDs and dates become pseudonyms that agree between files of one project's key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations.deid import identity, method, table
from annotations.deid.engine import Cleaner
from annotations.deid.identity import subject_key
from annotations.deid.pixels import PixelDecision, pixel_decision
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = [
    "PROJECT_OPTIONS",
    "PixelDecision",
    "deidentify",
    "deidentify_with_counts",
    "pixel_decision",
    "subject_key",
    "table_edition",
]

PROJECT_OPTIONS = frozenset({table.SHIFTED_DATES})  # what projects start with


def deidentify(
    dataset: Dataset, *, key: bytes, options: frozenset[str] = frozenset()
) -> Dataset:
    """Return a cleaned copy of `dataset`, its `file_meta` included; pixels are not touched.

    `options` are codes of CID 7050.  113101 and 113102 concern pixels and change nothing here;
    113103 to 113105 are met by the basic profile, which removes what they would clean;
    113111 keeps nothing, as no private attribute is known to be safe.  The same input, key and
    options give the same output, and cleaning the output again with them changes nothing.

    Raises ValueError for an unknown option, options that contradict or no key, and
    ImageError if the data set cannot be walked.  PatientIdentityRemoved is left out: it is
    for whoever judged the pixels to say.
    """
    return deidentify_with_counts(dataset, key=key, options=options)[0]


def deidentify_with_counts(
    dataset: Dataset, *, key: bytes, options: frozenset[str] = frozenset()
) -> tuple[Dataset, dict[str, int]]:
    """Do as `deidentify`, and count the attributes each action touched (no values)."""
    options = frozenset(options)
    identity.check_key(key)
    table.check_options(options)
    with reading("an attribute"):
        if method.is_sealed(dataset, key, options):
            clean, counts = method.copied(dataset), {"already_clean": 1}
        else:
            cleaner = Cleaner(key=key, options=options, days=identity.shift_days(dataset, key))
            clean = cleaner.dataset(dataset)
            method.state(clean, options)
            method.add_seal(clean, key, options)
            counts = dict(cleaner.counts)
        method.clean_container(dataset, clean)
    return clean, counts


def table_edition() -> tuple[str, str]:
    """Return the table's edition and the SHA-256 of its file, for the record."""
    return table.EDITION, table.fingerprint()
