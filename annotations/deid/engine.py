"""The walk over a data set: each attribute at each depth is judged; what passes is kept."""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from annotations.deid import dates, identity, table
from annotations.image_errors import DamagedImageError, ImageError
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset

MAX_DEPTH = 50
DUMMY = "ANONYMIZED"
REMOVED = "removed"
DUMMIES: dict[str, Any] = {
    "AE": DUMMY,
    "AS": "000D",
    "CS": DUMMY,
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "DS": "0",
    "IS": "0",
    "UR": "urn:anonymized",
    **dict.fromkeys(("LO", "LT", "PN", "SH", "ST", "UC", "UT"), DUMMY),
    **dict.fromkeys(("FD", "FL", "SL", "SS", "SV", "UL", "US", "UV", "AT"), 0),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW", "UN"), b"\0" * 8),
}
TEXT = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
DATES = frozenset({"DA", "DT", "TM"})
NUMBERS = frozenset({"AT", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "OB or OW", "US or SS", "US or OW"})
CODE_STRING = re.compile(r"[A-Z0-9_ ]{0,16}")
PATIENT_ID = 0x00100020
ICON = 0x00880200
IDENTITY_REMOVED = 0x00120062
FIRST_GROUP = 0x0008


class Cleaner:
    """Cleans data sets of one patient under one set of options, counting what it does."""

    def __init__(self, *, key: bytes, options: frozenset[str], days: int) -> None:
        self._key = key
        self._options = options
        self._days = days
        self._actions = table.actions(options)
        self.counts: Counter[str] = Counter()

    def dataset(self, source: Dataset, depth: int = 0) -> Dataset:
        """Return a new data set with what may stay of `source`, sharing no element with it."""
        from pydicom import Dataset

        if depth > MAX_DEPTH:
            raise DamagedImageError("its sequences are nested too deeply")
        clean = Dataset()
        for tag in sorted(source.keys()):
            outcome = self._judged(source, int(tag), depth)
            if isinstance(outcome, str):
                self.counts[outcome] += 1
            else:
                clean.add(outcome)
        _blank_local_codes(clean)
        return clean

    def _judged(self, source: Dataset, tag: int, depth: int) -> DataElement | str:
        """Return what stays of an attribute, or the word for why nothing does."""
        if table.is_private(tag):
            return "private"
        if tag >> 16 < FIRST_GROUP or table.is_family(tag) or tag in {IDENTITY_REMOVED, ICON}:
            return REMOVED
        try:
            with reading("an attribute"):
                element = copy.copy(source[tag])
                empty = element.is_empty
        except ImageError:
            return "unreadable"
        action = self._actions.get(tag) or self._unlisted(element)
        if empty and action != "X":
            return element
        return self._apply(action, element, depth)

    def _apply(self, action: str, element: DataElement, depth: int) -> DataElement | str:
        if action.startswith("C"):
            if (moved := self._moved(element)) is not None:
                return moved
            action = action[1:]
        if action in {"X", "Z"}:
            return self._emptied(element) if action == "Z" else REMOVED
        if element.VR == "SQ":
            return self._sequence(element, depth, first_only=action == "D")
        if action == "U" or (action == "D" and element.VR == "UI"):
            return self._mapped(element)
        if action == "D":
            return self._replaced(element)
        self.counts["kept"] += 1
        return element

    def _unlisted(self, element: DataElement) -> str:
        """Return the action for an attribute outside the table, by its VR: known or dropped."""
        from pydicom.datadict import dictionary_has_tag

        tag, vr = int(element.tag), element.VR
        if not dictionary_has_tag(tag):
            return "X"
        by_vr = {"PN": "Z", "SQ": "K", "UI": "U"}
        if table.RETAIN_UIDS in self._options:
            by_vr["UI"] = "K"
        if vr in by_vr:
            return by_vr[vr]
        if vr in DATES:
            return self._unlisted_date()
        if vr == "CS":
            return "K" if _are_code_strings(element.value) else "X"
        known = vr in NUMBERS or vr in BINARY or (vr in TEXT and tag in table.kept_text())
        return "K" if known else "X"

    def _unlisted_date(self) -> str:
        if table.FULL_DATES in self._options:
            return "K"
        return "CX" if table.SHIFTED_DATES in self._options else "X"

    def _moved(self, element: DataElement) -> DataElement | None:
        """Shift DA and DT, keep TM; None for anything that is no date."""
        if element.VR not in DATES or element.is_empty:
            return None
        if element.VR != "TM":
            shift = dates.shifted_date if element.VR == "DA" else dates.shifted_date_time
            moved = [shift(str(each), self._days) for each in _values(element)]
            if any(each is None for each in moved):
                return None
            element.value = moved if len(moved) > 1 else moved[0]
        elif not all(re.fullmatch(r"[0-9:. ]*", str(each)) for each in _values(element)):
            return None
        self.counts["dates_shifted" if element.VR != "TM" else "kept"] += 1
        return element

    def _mapped(self, element: DataElement) -> DataElement | str:
        if element.VR != "UI":  # a UID attribute that holds something else
            return REMOVED
        mapped = [identity.new_uid(str(each), self._key) for each in _values(element)]
        element.value = mapped if len(mapped) > 1 else (mapped or [""])[0]
        self.counts["uids_replaced"] += 1
        return element

    def _replaced(self, element: DataElement) -> DataElement:
        if int(element.tag) == PATIENT_ID:
            element.VR = "LO"  # an overlong one may have been written as UN
            element.value = identity.pseudonym(str(element.value), self._key)
        else:
            element.value = DUMMIES.get(element.VR, "")
        self.counts["replaced"] += 1
        return element

    def _emptied(self, element: DataElement) -> DataElement:
        element.value = [] if element.VR == "SQ" else element.empty_value
        self.counts["emptied"] += 1
        return element

    def _sequence(self, element: DataElement, depth: int, *, first_only: bool) -> DataElement:
        items = list(element.value)
        if first_only:  # D: one item, cleaned like any other
            items = items[:1]
            self.counts["replaced"] += 1
        element.value = [self.dataset(item, depth + 1) for item in items]
        return element


def _values(element: DataElement) -> list[Any]:
    value = element.value
    several = isinstance(value, list | tuple) or type(value).__name__ == "MultiValue"
    return list(value) if several else [value]


def _are_code_strings(value: Any) -> bool:
    several = isinstance(value, list | tuple) or type(value).__name__ == "MultiValue"
    parts = value if several else [value]
    return all(CODE_STRING.fullmatch(str(each or "")) for each in parts)


def _blank_local_codes(dataset: Dataset) -> None:
    """Blank meanings of private coding schemes (PS3.16 8.2: 99…, L): they can be any words."""
    scheme = str(dataset.get("CodingSchemeDesignator") or "")
    if "CodeMeaning" in dataset and (scheme.startswith("99") or scheme in {"", "L"}):
        dataset.CodeMeaning = DUMMY
