"""Pseudonyms: UIDs, patients and the days dates move by, all from the project's key."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from annotations.imaging.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset

UID_BYTES = 16  # 2.25. takes 128 bits (PS3.5 B.2)
STANDARD_UID = re.compile(r"1\.2\.840\.10008(\.[0-9]{1,5}){1,8}")
MAX_SHIFT_DAYS = 3650
PSEUDONYM_LENGTH = 16


def check_key(key: bytes) -> None:
    """Raise ValueError for a key that is none; 32 random bytes make a good one."""
    if not isinstance(key, bytes) or not key:
        raise ValueError("De-identification needs a secret key, as bytes.")


def new_uid(uid: str, key: bytes) -> str:
    """Return the UID that stands for `uid`: the same in every file, process and year.

    UIDs of the standard itself (classes, syntaxes, well-known frames of reference) stay.
    """
    uid = uid.strip("\0 ")
    if not uid or STANDARD_UID.fullmatch(uid):
        return uid
    digest = hmac.digest(key, uid.encode(), hashlib.sha256)
    return f"2.25.{int.from_bytes(digest[:UID_BYTES], 'big')}"


def patient(dataset: Dataset) -> str:
    """Return what tells patients apart: the Patient ID, "" if there is none."""
    return values.text(dataset, "PatientID")


def subject_key(dataset: Dataset, *, key: bytes) -> str:
    """Return the pseudonym of the data set's patient, 64 hex digits; "" if it names nobody."""
    check_key(key)
    name = patient(dataset)
    return _keyed(key, "patient", name).hex() if name else ""


def pseudonym(name: str, key: bytes) -> str:
    """Return what is written as Patient ID instead of `name`."""
    name = name.strip("\0 ")
    return _keyed(key, "patient", name).hex()[:PSEUDONYM_LENGTH].upper() if name else ""


def shift_days(dataset: Dataset, key: bytes) -> int:
    """Return how many days earlier dates become, 1 to 3,650: one number for one patient.

    Without a Patient ID the study stands for the patient.
    """
    name = patient(dataset) or values.text(dataset, "StudyInstanceUID")
    number = int.from_bytes(_keyed(key, "days", name)[:8], "big")
    return 1 + number % MAX_SHIFT_DAYS


def seal(content: bytes, key: bytes) -> str:
    """Return a mark only this key can make over de-identified content."""
    return _keyed(key, "seal", content.hex()).hex()[:32]


def _keyed(key: bytes, purpose: str, text: str) -> bytes:
    message = f"{purpose}\0{text}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, message, hashlib.sha256)
