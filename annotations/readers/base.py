"""What every image format must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from annotations.imaging import pixels

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from annotations.imaging.geometry import Geometry
    from annotations.imaging.window import Window

readers: dict[str, type[ImageReader]] = {}


class Image(ABC):
    """One image file: one or more frames of equal size.  Frames count from 0.

    `samples` is 1 (grey) or 3 (colour, read with `rgb`); `inverted` is true where low values
    are bright (MONOCHROME1); `unit` is "HU" or "" (unknown).
    """

    path: Path
    format: ClassVar[str]
    frames: int
    rows: int
    columns: int
    samples: int
    inverted: bool
    unit: str
    modality: str
    study_uid: str
    series_uid: str
    sop_uid: str
    sop_class_uid: str
    frame_of_reference_uid: str

    def __init__(self) -> None:
        self._digests: dict[int, str] = {}

    @abstractmethod
    def geometry(self, index: int) -> Geometry:
        """Where frame `index` lies: DICOM patient space (LPS), mm; None where unknown."""

    @abstractmethod
    def read_frame(self, index: int) -> NDArray[np.generic]:
        """Return stored values, (rows, columns) or (rows, columns, samples).

        Raises ValueError for a frame the image does not have, ImageError if it is broken.
        """

    @abstractmethod
    def modality_values(self, index: int) -> NDArray[np.float64]:
        """Return float64 (rows, columns) after the Modality LUT or rescale; HU for CT."""

    @abstractmethod
    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Return uint8 (rows, columns, 3); ValueError for a grey image."""

    @abstractmethod
    def windows(self, index: int) -> tuple[Window, ...]:
        """Return the usable windows the file offers for frame `index`, in its order."""

    @abstractmethod
    def padding(self, index: int) -> NDArray[np.bool_] | None:
        """Return where stored values are padding, not image; None if none is declared."""

    def frame_digest(self, index: int) -> str:
        """Return the SHA-256 of the stored values of a frame, in hex (`imaging.pixels`)."""
        if index not in self._digests:
            self._digests[index] = pixels.frame_sha256(self, index)
        return self._digests[index]

    @abstractmethod
    def stack_key(self, index: int) -> tuple[str, ...]:
        """Return what frames must share to belong to one stack (the image type)."""

    @abstractmethod
    def time_key(self, index: int) -> tuple[str, ...]:
        """Return what tells frames at one position apart (time, echo, b-value …)."""

    @property
    @abstractmethod
    def levels(self) -> list[tuple[int, int, float]]:
        """Return (width, height, downsample) from the finest level on."""

    @abstractmethod
    def read_region(
        self, level: int, x: int, y: int, width: int, height: int
    ) -> NDArray[np.uint8]:
        """Return uint8 (height, width, 3) of a level; `x`, `y` in level 0 pixels."""


class ImageReader(ABC):
    """Reads one image format.  Subclassing registers it."""

    name: ClassVar[str]

    def __init_subclass__(cls, *, name: str) -> None:
        cls.name = name
        readers[name] = cls

    @classmethod
    @abstractmethod
    def recognises(cls, head: bytes) -> bool:
        """Tell from a file's first 4,096 bytes whether it is this format."""

    @abstractmethod
    def open(self, path: Path) -> Image:
        """Read the header only; raises ImageError."""
