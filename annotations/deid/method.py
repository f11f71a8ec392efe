"""Saying in the data set what was done to it, and knowing our own work again."""

from __future__ import annotations

import copy
import hmac
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from annotations.deid import identity, table
from annotations.image_errors import ImageError
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

MARK = f"PS3.15 {table.EDITION}, mark "
PREAMBLE = b"\0" * 128
IMPLEMENTATION = "ANNOTATION_LDGR"
IDENTITY_REMOVED = 0x00120062
METHOD = 0x00120063
BURNED_IN = 0x00280301
PIXELS = frozenset({0x7FE00001, 0x7FE00002, 0x7FE00008, 0x7FE00009, 0x7FE00010})
# Judged apart, or written after the seal: pixels, what ingest says of them, the seal itself
UNSEALED = PIXELS | {IDENTITY_REMOVED, METHOD, BURNED_IN}
UID_FORM = re.compile(r"[0-9.]{1,64}")


def state(clean: Dataset, options: frozenset[str]) -> None:
    """Write the method's codes and how dates were treated (PS3.15 E.1, PS3.3 C.12.1.1.1.9)."""
    from pydicom import Dataset

    codes = [
        item
        for item in clean.get("DeidentificationMethodCodeSequence") or []
        if item.get("CodingSchemeDesignator") == "DCM"
        and item.get("CodeValue") in table.METHODS
    ]
    present = {str(item.CodeValue) for item in codes}
    for value in sorted(({table.BASIC} | (options - table.UNCLAIMED)) - present):
        item = Dataset()
        item.CodeValue = value
        item.CodingSchemeDesignator = "DCM"
        item.CodeMeaning = table.METHODS[value][0]
        codes.append(item)
    clean.DeidentificationMethodCodeSequence = codes
    modified = "REMOVED"
    if table.SHIFTED_DATES in options:
        modified = "MODIFIED"
    elif table.FULL_DATES in options:
        modified = "UNMODIFIED"
    clean.LongitudinalTemporalInformationModified = modified


def add_seal(clean: Dataset, key: bytes, options: frozenset[str]) -> None:
    """Append to DeidentificationMethod a mark by which the key's owner knows this content."""
    earlier = [each for each in _methods(clean) if not each.startswith(MARK)]
    clean.DeidentificationMethod = [*earlier, MARK + _seal(clean, key, options)]


def is_sealed(dataset: Dataset, key: bytes, options: frozenset[str]) -> bool:
    """Tell whether `dataset` is, word for word, what this key and these options made."""
    try:
        with reading("the de-identification method"):
            marks = [each for each in _methods(dataset) if each.startswith(MARK)]
            if not marks:
                return False
            return hmac.compare_digest(marks[-1], MARK + _seal(dataset, key, options))
    except ImageError:
        return False


def copied(dataset: Dataset) -> Dataset:
    """Return a copy of a sealed data set, without what the seal does not cover but pixels."""
    from pydicom import Dataset

    clean = Dataset()
    for tag in sorted(dataset.keys()):
        if int(tag) != IDENTITY_REMOVED:
            clean.add(copy.deepcopy(dataset[tag]))
    if clean.get("BurnedInAnnotation") not in {"YES", "NO", None}:
        del clean.BurnedInAnnotation
    return clean


def clean_container(source: Dataset, clean: Dataset) -> None:
    """Give `clean` a preamble of zeros and File Meta Information without senders or names."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import PYDICOM_IMPLEMENTATION_UID

    with reading("the file's encoding"):
        implicit, little = source.original_encoding
        clean.set_original_encoding(implicit, little, source.original_character_set)
    clean.preamble = PREAMBLE
    meta: FileMetaDataset | None = getattr(source, "file_meta", None)
    if meta is None:
        return
    clean.file_meta = FileMetaDataset()
    with reading("the File Meta Information"):
        if UID_FORM.fullmatch(str(meta.get("TransferSyntaxUID", ""))):
            clean.file_meta.TransferSyntaxUID = meta.TransferSyntaxUID
        for keyword in ("SOPClassUID", "SOPInstanceUID"):
            if clean.get(keyword):
                setattr(clean.file_meta, f"MediaStorage{keyword}", clean[keyword].value)
        clean.file_meta.FileMetaInformationVersion = b"\0\1"
        clean.file_meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
        clean.file_meta.ImplementationVersionName = IMPLEMENTATION


def _methods(dataset: Dataset) -> list[str]:
    value = dataset.get("DeidentificationMethod") or []
    return [str(value)] if isinstance(value, str) else [str(each) for each in value]


def _seal(dataset: Dataset, key: bytes, options: frozenset[str]) -> str:
    earlier = [each for each in _methods(dataset) if not each.startswith(MARK)]
    content = "\n".join([*sorted(options), *earlier, *_lines(dataset, "")])
    return identity.seal(content.encode("utf-8", "surrogatepass"), key)


def _lines(dataset: Dataset, path: str) -> Iterator[str]:
    for tag in sorted(dataset.keys()):
        if int(tag) in UNSEALED and not path:
            continue
        element = dataset[tag]
        here = f"{path}/{int(tag):08X}"
        if element.VR == "SQ":
            yield f"{here} {len(element.value)}"
            for at, item in enumerate(element.value):
                yield from _lines(item, f"{here}[{at}]")
        else:
            yield f"{here}={_canonical(element.value)}"


def _canonical(value: Any) -> str:
    """Return a value as it survives a file: without the padding of PS3.5 6.2."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.rstrip(b"\0").hex()
    if isinstance(value, list | tuple) or type(value).__name__ == "MultiValue":
        return "\\".join(_canonical(each) for each in value)
    return str(value).rstrip("\0 ")
