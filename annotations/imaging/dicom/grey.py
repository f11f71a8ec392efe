"""What stored values mean: rescale or Modality LUT, padding, windows (PS3.3 C.11)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from annotations.imaging.dicom import values
from annotations.imaging.dicom.guard import reading
from annotations.imaging.window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from annotations.imaging.dicom.groups import FunctionalGroups

FUNCTIONS = frozenset({"LINEAR", "LINEAR_EXACT", "SIGMOID"})
LARGEST = Decimal(10) ** 12
SLOPE_LIMIT = 1e9
HOUNSFIELD = "HU"
TRANSFORMATION = "PixelValueTransformationSequence"


def modality_values(
    dataset: Dataset, groups: FunctionalGroups, index: int, stored: NDArray[Any]
) -> NDArray[np.float64]:
    """Return float64, same shape: Modality LUT, else slope and intercept, else as stored."""
    if values.items(dataset, "ModalityLUTSequence"):
        from pydicom.pixels.processing import apply_modality_lut

        with reading("the Modality LUT"):
            return np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    slope, intercept = rescale(dataset, groups, index)
    return stored.astype(np.float64) * slope + intercept


def rescale(dataset: Dataset, groups: FunctionalGroups, index: int) -> tuple[float, float]:
    """Return (slope, intercept) of a frame; (1, 0) where there is none that makes sense."""
    source = groups.source(index, TRANSFORMATION, "RescaleSlope")
    slope = values.floats(source, "RescaleSlope", 1)
    intercept = values.floats(source, "RescaleIntercept", 1)
    if slope is None or intercept is None or not 0 < abs(slope[0]) < SLOPE_LIMIT:
        return 1.0, 0.0
    return slope[0], intercept[0]


def unit(dataset: Dataset, groups: FunctionalGroups) -> str:
    """Return "HU" for CT that is rescaled to it, else "" (PS3.3 C.11.1.1.2)."""
    source = groups.source(0, TRANSFORMATION, "RescaleSlope")
    if values.text(dataset, "Modality") != "CT" or "RescaleSlope" not in source:
        return ""
    return HOUNSFIELD if values.text(source, "RescaleType") in {"", HOUNSFIELD} else ""


def padding(dataset: Dataset, stored: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return where `stored` is padding (PS3.3 C.7.5.1.1.2), None if none is declared."""
    if "PixelPaddingValue" not in dataset:
        return None
    first = values.integer(dataset, "PixelPaddingValue", 0)
    last = values.integer(dataset, "PixelPaddingRangeLimit", first)
    low, high = min(first, last), max(first, last)
    return (stored >= low) & (stored <= high)


def windows(dataset: Dataset, groups: FunctionalGroups, index: int) -> tuple[Window, ...]:
    """Return the windows of a frame that PS3.3 C.11.2.1.2 allows; a VOI LUT's range if none."""
    source = groups.source(index, "FrameVOILUTSequence", "WindowCenter")
    centers = values.decimals(source, "WindowCenter")
    widths = values.decimals(source, "WindowWidth")
    function = values.text(source, "VOILUTFunction").upper() or "LINEAR"
    if function == "LINEAR" and "BitsStored" not in dataset:
        function = "LINEAR_EXACT"  # LINEAR counts whole grey levels; float pixels have none
    names = values.texts(source, "WindowCenterWidthExplanation")
    found = [
        Window(
            center=center,
            width=width,
            function=function,
            explanation=names[at] if at < len(names) else "",
        )
        for at, (center, width) in enumerate(zip(centers, widths, strict=False))
        if _usable(center, width, function)
    ]
    return tuple(found) or _lut_range(dataset)


def _usable(center: Decimal, width: Decimal, function: str) -> bool:
    if function not in FUNCTIONS or abs(center) > LARGEST or width > LARGEST:
        return False
    return width >= 1 if function == "LINEAR" else width > 0


def _lut_range(dataset: Dataset) -> tuple[Window, ...]:
    luts = values.items(dataset, "VOILUTSequence")
    descriptor = values.decimals(luts[0], "LUTDescriptor") if luts else ()
    if len(descriptor) < 2:  # noqa: PLR2004 - entries, first mapped value, bits
        return ()
    entries = descriptor[0] or Decimal(65536)  # PS3.3 C.11.2.1.1: 0 means 65,536
    center = descriptor[1] + entries / 2
    return (Window(center=center, width=entries, explanation="range of the VOI LUT"),)
