"""Where frames lie in the patient, and which of them make a volume (DICOM LPS, mm)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from annotations.readers.base import Image

Plane = Literal["axial", "coronal", "sagittal", "oblique", ""]


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """One frame's place; None where the file does not say.

    orientation: unit direction cosines of a row (first three: towards growing columns) and of a
    column (last three: towards growing rows), PS3.3 C.7.6.2.1.1.  position: centre of the first
    pixel, mm.  spacing: between rows, between columns, mm.  calibrated: false where the spacing is
    that of a detector (ImagerPixelSpacing), not of the patient.
    """

    orientation: tuple[float, float, float, float, float, float] | None = None
    position: tuple[float, float, float] | None = None
    spacing: tuple[float, float] | None = None
    calibrated: bool = False


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Slices missing between two neighbours: positions along the normal, mm."""

    after: float
    before: float


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Frames of one stack in spatial order.

    slices: (image, frame) pairs, by time point, then along the normal; images: the same without
    the frame, each image once.  times: the slices of each time point.  duplicates: pairs left out
    because their pixels equal another's at the same position.  slice_spacing: median, mm.
    """

    slices: tuple[tuple[Image, int], ...]
    is_volume: bool
    plane: Plane
    oblique_degrees: float | None
    tilt_degrees: float | None
    slice_spacing: float | None
    gaps: tuple[Gap, ...] = ()
    duplicates: tuple[tuple[Image, int], ...] = ()
    times: tuple[tuple[tuple[Image, int], ...], ...] = ()
    reason: str = ""

    @property
    def images(self) -> list[Image]:
        """The images in spatial order, each once."""
        return list(dict.fromkeys(image for image, _ in self.slices))


def volumes(images: Sequence[Image]) -> list[Volume]:
    """Sort the frames of `images` into stacks; every frame is in one stack or a duplicate."""
    raise NotImplementedError
