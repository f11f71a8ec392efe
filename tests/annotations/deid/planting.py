"""Data sets with something to find in every attribute that Table E.1-1 names."""

import json
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

KEY = b"a key of the project, kept secret"
TABLE = Path(__file__).resolve().parents[3] / "annotations/deid/table_e1_2026c.json"
CANARY = "CANARY"
DAY, TIME = "19631103", "112233.445566"
UID_ROOT = "1.2.999.424242."
NUMBERS = {"DS": "4242.4242", "IS": "42424242", "US": 42424, "FD": 42.4242}


@cache
def rows() -> dict[int, dict[str, str]]:
    """Return the table's rows of one concrete tag each: 652 of 656, 648 outside File Meta."""
    found = {}
    for row in json.loads(TABLE.read_text())["attributes"]:
        digits = row["tag"].strip("()").replace(",", "")
        if all(each in "0123456789ABCDEF" for each in digits):
            found[int(digits, 16)] = row
    return found


def data_set_rows() -> dict[int, dict[str, str]]:
    """Return the 648 rows outside File Meta Information."""
    return {tag: row for tag, row in rows().items() if tag >> 16 >= 0x0008}


def vr_of(tag: int) -> str:
    """Return an attribute's VR; by its name for those pydicom does not know yet."""
    if dictionary_has_tag(tag):
        return dictionary_VR(tag).split(" or ")[0]
    name = rows()[tag]["name"]
    if name.endswith("Sequence"):
        return "SQ"
    return "DT" if name.endswith("DateTime") else "LT"


def value_for(tag: int) -> Any:
    """Return a value of the right VR that can be found again."""
    vr = vr_of(tag)
    if vr == "SQ":
        item = Dataset()
        item.PatientName = f"{CANARY}^{tag:08X}"
        item.add_new(0x0008103E, "LO", f"{CANARY}{tag:08X}")
        item.ReferencedSOPInstanceUID = f"{UID_ROOT}{tag}"
        return [item]
    dates = {"DA": DAY, "TM": TIME, "DT": DAY + TIME, "AS": "077Y"}
    if vr in dates | NUMBERS:
        return (dates | NUMBERS)[vr]
    if vr == "UI":
        return f"{UID_ROOT}{tag}"
    text = f"{CANARY}{tag:08X}"
    return text.encode() if vr in {"OB", "OW", "UN"} else text


def planted_level() -> Dataset:
    """Return a data set with all attributes of the table that may stand in one."""
    found = Dataset()
    for tag in data_set_rows():
        found.add_new(tag, vr_of(tag), value_for(tag))
    return found


def planted() -> Dataset:
    """Return a data set planted at the top and at two nested depths, private ones included."""
    top, middle, bottom = planted_level(), planted_level(), planted_level()
    middle.PlanePositionSequence = [bottom]
    top.PerFrameFunctionalGroupsSequence = [middle]
    for level in (top, middle, bottom):
        block = level.private_block(0x0099, f"{CANARY} CREATOR", create=True)
        block.add_new(0x01, "LO", f"{CANARY} PRIVATE")
    top.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    top.SOPInstanceUID = f"{UID_ROOT}7"
    top.PatientID = f"{CANARY}PATIENT"
    return top


def read_back(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> Dataset:
    """Return the data set as a reader finds it after writing it in `syntax`."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.file_meta.SourceApplicationEntityTitle = f"{CANARY}AE"
    file = BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return pydicom.dcmread(BytesIO(file.getvalue()))


def written(dataset: Dataset) -> bytes:
    """Return the bytes of a cleaned data set's file."""
    file = BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def levels(dataset: Dataset) -> list[Dataset]:
    """Return the three planted levels of a data set, from the top."""
    middle = dataset.PerFrameFunctionalGroupsSequence[0]
    return [dataset, middle, middle.PlanePositionSequence[0]]
