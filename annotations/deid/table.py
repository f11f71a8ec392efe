"""PS3.15 Table E.1-1 as data: what to do with each attribute under each set of options."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

EDITION = "2026c"
BASIC = "113100"
CLEAN_PIXELS = "113101"
CLEAN_FEATURES = "113102"
FULL_DATES = "113106"
SHIFTED_DATES = "113107"
RETAIN_UIDS = "113110"
SAFE_PRIVATE = "113111"

# CID 7050 (PS3.16): the codes, their meanings, and the option's column in the table
METHODS = {
    BASIC: ("Basic Application Confidentiality Profile", ""),
    CLEAN_PIXELS: ("Clean Pixel Data Option", ""),
    CLEAN_FEATURES: ("Clean Recognizable Visual Features Option", ""),
    "113103": ("Clean Graphics Option", "clean_graph"),
    "113104": ("Clean Structured Content Option", "clean_struct_cont"),
    "113105": ("Clean Descriptors Option", "clean_desc"),
    FULL_DATES: (
        "Retain Longitudinal Temporal Information Full Dates Option",
        "rtn_long_full_dates",
    ),
    SHIFTED_DATES: (
        "Retain Longitudinal Temporal Information Modified Dates Option",
        "rtn_long_modif_dates",
    ),
    "113108": ("Retain Patient Characteristics Option", "rtn_pat_chars"),
    "113109": ("Retain Device Identity Option", "rtn_dev_id"),
    RETAIN_UIDS: ("Retain UIDs Option", "rtn_uids"),
    SAFE_PRIVATE: ("Retain Safe Private Option", "rtn_safe_priv"),
    "113112": ("Retain Institution Identity Option", "rtn_inst_id"),
}
# Never claimed by the engine: it does not touch pixels, and no private attribute is known safe
UNCLAIMED = frozenset({BASIC, CLEAN_PIXELS, CLEAN_FEATURES, SAFE_PRIVATE})

FOLDER = Path(__file__).parent
TABLE = FOLDER / "table_e1_2026c.json"
KEPT_TEXT = FOLDER / "kept_text.json"
CONCRETE = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")
GROUP_BITS = 16
CURVES, OVERLAYS, REPEATING = 0x5000, 0x6000, 0xFF00


def check_options(options: frozenset[str]) -> None:
    """Raise ValueError for a code CID 7050 does not have, or two that contradict."""
    unknown = sorted(options - METHODS.keys())
    if unknown:
        raise ValueError(f"Not a de-identification method of CID 7050: {', '.join(unknown)}.")
    if {FULL_DATES, SHIFTED_DATES} <= options:
        raise ValueError("Dates are either kept (113106) or shifted (113107), not both.")


@cache
def actions(options: frozenset[str]) -> dict[int, str]:
    """Return the action of every concrete tag: X, Z, D, U, K, C or U* (recurse for UIDs)."""
    columns = [METHODS[code][1] for code in sorted(options) if METHODS[code][1]]
    found = {}
    for row in _rows():
        match = CONCRETE.fullmatch(row["tag"])
        if match:
            tag = int(match[1] + match[2], 16)
            found[tag] = _action(row, columns)
    return found


def is_family(tag: int) -> bool:
    """Tell whether a tag is of a repeating group that carries burned-in graphics: 50xx, 60xx.

    The table lists curves, overlay data and comments; without its data the rest of an overlay
    means nothing, so whole groups go.
    """
    group = tag >> GROUP_BITS
    return group & REPEATING in {CURVES, OVERLAYS}


def is_private(tag: int) -> bool:
    """Tell whether a tag is private: its group is odd (PS3.5 7.8)."""
    return bool((tag >> GROUP_BITS) & 1)


@cache
def kept_text() -> frozenset[int]:
    """Return the tags of unlisted text that was reviewed and may stay."""
    from pydicom.datadict import tag_for_keyword

    keywords = json.loads(KEPT_TEXT.read_text())["keywords"]
    tags = {tag_for_keyword(keyword) for keyword in keywords}
    return frozenset(tag for tag in tags if tag is not None)


@cache
def fingerprint() -> str:
    """Return the SHA-256 of the table's file, for the record of what was applied."""
    return hashlib.sha256(TABLE.read_bytes()).hexdigest()


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(TABLE.read_text())["attributes"]
    return rows


def _action(row: dict[str, Any], columns: list[str]) -> str:
    """Return one row's action; where an option has none, the basic profile's stronger form.

    X/Z becomes Z; whatever may need a dummy gets one: both conform where the attribute is
    optional as well as where it is required.
    """
    chosen = {row[column] for column in columns}
    if "K" in chosen:
        return "K"
    basic = row["basic_profile"]
    fallback = {"X/Z": "Z", "X/D": "D", "X/Z/D": "D", "Z/D": "D", "X/Z/U*": "U*"}.get(
        basic, basic
    )
    dates = METHODS[SHIFTED_DATES][1]
    if dates in columns and row[dates] == "C":
        return f"C{fallback}"  # clean the date; where it is none, the fallback
    return str(fallback)
