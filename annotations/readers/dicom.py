"""DICOM files (PS3.10), single- and multi-frame, classic and enhanced."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from annotations.imaging.dicom import decode, grey, parse, place, values
from annotations.imaging.dicom.groups import FunctionalGroups
from annotations.readers.base import Image, ImageReader

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom import Dataset

    from annotations.imaging.geometry import Geometry
    from annotations.imaging.window import Window

# What tells apart frames that lie at the same place: PS3.3 C.8.3.1, C.8.13.5, C.7.6.16.2.2
TIME_KEYWORDS = (
    ("FrameContentSequence", "TemporalPositionIndex"),
    ("", "TemporalPositionIdentifier"),
    ("MREchoSequence", "EffectiveEchoTime"),
    ("", "EchoTime"),
    ("MRDiffusionSequence", "DiffusionBValue"),
    ("", "AcquisitionNumber"),
    ("", "TriggerTime"),
)


def _starts_with_meta(head: bytes) -> bool:
    return (
        head[:2] == b"\x02\x00" and head[3:4] == b"\x00" and head[4:6] in {b"UL", b"OB", b"UI"}
    )


class DicomReader(ImageReader, name="dicom"):
    """Recognises the "DICM" prefix (PS3.10 §7.1), or a data set that starts without it."""

    @classmethod
    def recognises(cls, head: bytes) -> bool:
        if head[128:132] == b"DICM" or _starts_with_meta(head):
            return True
        return head[:4] in {
            b"\x08\x00\x00\x00",
            b"\x08\x00\x05\x00",
            b"\x08\x00\x08\x00",
            b"\x08\x00\x16\x00",
        }

    def open(self, path: Path) -> Image:
        return DicomImage(path)


class DicomImage(Image):
    """One DICOM image.  The header is read at once, the pixels when first asked for."""

    format = "dicom"

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._latest: tuple[int, NDArray[Any]] | None = None
        head = parse.header(path)
        self.path = path
        self.header: Dataset = head.dataset
        self.shape = parse.shape(head, path.stat().st_size)
        self.groups = FunctionalGroups(head.dataset, self.shape.frames)
        self.frames, self.rows, self.columns = (
            self.shape.frames,
            self.shape.rows,
            self.shape.columns,
        )
        self.samples = 1 if self.shape.photometric.startswith("MONOCHROME") else 3
        self.inverted = self.shape.photometric == "MONOCHROME1"
        self.unit = grey.unit(self.header, self.groups)
        self.modality = values.text(self.header, "Modality")
        self.study_uid = values.text(self.header, "StudyInstanceUID")
        self.series_uid = values.text(self.header, "SeriesInstanceUID")
        self.sop_uid = values.text(self.header, "SOPInstanceUID")
        self.sop_class_uid = values.text(self.header, "SOPClassUID")
        self.frame_of_reference_uid = values.text(self.header, "FrameOfReferenceUID")

    @cached_property
    def dataset(self) -> Dataset:
        """The whole data set, pixels included."""
        return parse.dataset(self.path)

    def geometry(self, index: int) -> Geometry:
        self._check(index)
        return place.geometry(self.header, self.groups, index)

    def read_frame(self, index: int) -> NDArray[np.generic]:
        self._check(index)
        if self._latest is None or self._latest[0] != index:
            stored = decode.frame(self.dataset, self.shape, index)
            stored.flags.writeable = False  # it is handed out again
            self._latest = index, stored
        return self._latest[1]

    def modality_values(self, index: int) -> NDArray[np.float64]:
        stored: NDArray[Any] = self.read_frame(index)
        return grey.modality_values(self.header, self.groups, index, stored)

    def rgb(self, index: int) -> NDArray[np.uint8]:
        if self.samples == 1:
            raise ValueError("A grey image has no colours; use modality_values.")
        self._check(index)
        if self.shape.photometric == "PALETTE COLOR":
            return decode.palette(self.header, decode.frame(self.dataset, self.shape, index))
        pixels = decode.frame(self.dataset, self.shape, index, as_rgb=True)
        return decode.eight_bits(pixels, self.shape.bits_stored)

    def windows(self, index: int) -> tuple[Window, ...]:
        self._check(index)
        return grey.windows(self.header, self.groups, index)

    def padding(self, index: int) -> NDArray[np.bool_] | None:
        stored: NDArray[Any] = self.read_frame(index)
        return grey.padding(self.header, stored)

    def stack_key(self, index: int) -> tuple[str, ...]:
        for modality in ("MR", "CT", "PET"):
            item = self.groups.item(index, f"{modality}ImageFrameTypeSequence")
            if item is not None:
                return values.texts(item, "FrameType")
        return values.texts(self.header, "ImageType")

    def time_key(self, index: int) -> tuple[str, ...]:
        sources = (
            (self.groups.source(index, sequence, keyword) if sequence else self.header, keyword)
            for sequence, keyword in TIME_KEYWORDS
        )
        return tuple(values.text(source, keyword) for source, keyword in sources)

    @property
    def levels(self) -> list[tuple[int, int, float]]:
        return [(self.columns, self.rows, 1.0)]

    def read_region(
        self, level: int, x: int, y: int, width: int, height: int
    ) -> NDArray[np.uint8]:
        from annotations.imaging import pixels

        inside = 0 <= x < x + width <= self.columns and 0 <= y < y + height <= self.rows
        if level != 0 or not inside:
            raise ValueError("The region lies outside the image.")
        return pixels.displayed_rgb(self, 0)[y : y + height, x : x + width]

    def _check(self, index: int) -> None:
        if not 0 <= index < self.frames:
            raise ValueError(f"This image has the frames 0 to {self.frames - 1}, not {index}.")
