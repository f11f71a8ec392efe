"""Where a DICOM frame lies and how large its pixels are (LPS, mm)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from annotations.imaging.dicom import values
from annotations.imaging.geometry import Geometry
from annotations.imaging.planes import Orientation, Vector, normal

if TYPE_CHECKING:
    from pydicom import Dataset

    from annotations.imaging.dicom.groups import FunctionalGroups

PROJECTION = frozenset({"CR", "DX", "MG", "XA", "RF", "IO", "PX", "RG"})
MAX_SPACING = 1000.0  # mm; beyond, or not above zero, a spacing is no spacing
COSINE_TOLERANCE = 1e-2
MAX_POSITION = 1e6
CENTIMETRES = 3  # PS3.3 C.8.5.5.1.15: physical units code for cm

Pair = tuple[float, float]


def geometry(dataset: Dataset, groups: FunctionalGroups, index: int) -> Geometry:
    """Return the place of frame `index`; attributes that make no sense count as unknown."""
    spacing, calibrated = _spacing(dataset, groups, index)
    modality = values.text(dataset, "Modality")
    if modality in PROJECTION:  # a projection has no plane in the patient
        return Geometry(spacing=spacing, calibrated=calibrated)
    return Geometry(
        orientation=_orientation(dataset, groups, index),
        position=_position(dataset, groups, index),
        spacing=spacing,
        calibrated=calibrated,
    )


def _orientation(dataset: Dataset, groups: FunctionalGroups, index: int) -> Orientation | None:
    keyword = "ImageOrientationPatient"
    source = groups.source(index, "PlaneOrientationSequence", keyword)
    found = values.floats(source, keyword, 6) or _detector(dataset, keyword, 6)
    if found is None:
        return None
    row, column = found[:3], found[3:]
    lengths = (math.hypot(*row), math.hypot(*column))
    dot = sum(a * b for a, b in zip(row, column, strict=True))
    if any(abs(each - 1) > COSINE_TOLERANCE for each in lengths) or abs(dot) > COSINE_TOLERANCE:
        return None
    return found[0], found[1], found[2], found[3], found[4], found[5]


def _position(dataset: Dataset, groups: FunctionalGroups, index: int) -> Vector | None:
    keyword = "ImagePositionPatient"
    source = groups.source(index, "PlanePositionSequence", keyword)
    found = values.floats(source, keyword, 3) or _detector(dataset, keyword, 3)
    if found is None or max(abs(each) for each in found) > MAX_POSITION:
        return None
    shift = _dose_offset(dataset, index)
    orientation = _orientation(dataset, groups, index) if shift else None
    if shift and orientation:
        along = normal(orientation)
        found = tuple(p + shift * n for p, n in zip(found, along, strict=True))
    return found[0], found[1], found[2]


def _detector(dataset: Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """NM images keep their place in the Detector Information Sequence (PS3.3 C.8.4.11)."""
    found = values.items(dataset, "DetectorInformationSequence")
    return values.floats(found[0], keyword, count) if found else None


def _dose_offset(dataset: Dataset, index: int) -> float:
    """RTDOSE frames are offset along the normal by the Grid Frame Offset Vector, mm."""
    offsets = values.decimals(dataset, "GridFrameOffsetVector")
    if index >= len(offsets):
        return 0.0
    # PS3.3 C.8.8.3.2: relative if the first is zero, otherwise patient positions
    return float(offsets[index] - offsets[0])


def _spacing(
    dataset: Dataset, groups: FunctionalGroups, index: int
) -> tuple[Pair | None, bool]:
    source = groups.source(index, "PixelMeasuresSequence", "PixelSpacing")
    pixel = _pair(source, "PixelSpacing")
    imager = _pair(dataset, "ImagerPixelSpacing")
    if values.text(dataset, "Modality") not in PROJECTION:
        regions = values.items(dataset, "SequenceOfUltrasoundRegions")
        found = pixel or (_ultrasound(regions) if regions else None)
        return (found, True) if found else (imager, False)
    if pixel and imager and pixel != imager:
        return pixel, True  # PS3.3 10.7.1.3: differs, so it was corrected
    magnification = values.floats(dataset, "EstimatedRadiographicMagnificationFactor", 1)
    if imager and magnification and magnification[0] >= 1:
        return (imager[0] / magnification[0], imager[1] / magnification[0]), True
    calibrated = bool(pixel and values.text(dataset, "PixelSpacingCalibrationType"))
    return pixel or imager or _pair(dataset, "NominalScannedPixelSpacing"), calibrated


def _pair(dataset: Dataset, keyword: str) -> Pair | None:
    found = values.floats(dataset, keyword, 2)
    if found is None or not all(0 < each < MAX_SPACING for each in found):
        return None
    return found[0], found[1]


def _ultrasound(regions: list[Dataset]) -> Pair | None:
    """Return the one spacing all regions share (PS3.3 C.8.5.5); None where they differ."""
    found: set[Pair | None] = set()
    for region in regions:
        units = {values.text(region, f"PhysicalUnits{axis}Direction") for axis in "XY"}
        across = values.floats(region, "PhysicalDeltaX", 1)
        down = values.floats(region, "PhysicalDeltaY", 1)
        if units == {str(CENTIMETRES)} and across and down and across[0] and down[0]:
            found.add((abs(down[0]) * 10, abs(across[0]) * 10))
        else:
            found.add(None)
    return found.pop() if len(found) == 1 else None
