"""Functional groups (PS3.3 C.7.6.16): per frame over shared, over the top level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotations.image_errors import DamagedImageError
from annotations.imaging.dicom import values

if TYPE_CHECKING:
    from pydicom import Dataset


class FunctionalGroups:
    """The groups of one image.  Raises DamagedImageError if there are not as many as frames."""

    def __init__(self, dataset: Dataset, frames: int) -> None:
        self._dataset = dataset
        self._shared = values.items(dataset, "SharedFunctionalGroupsSequence")
        self._per_frame = values.items(dataset, "PerFrameFunctionalGroupsSequence")
        if self._per_frame and len(self._per_frame) != frames:
            raise DamagedImageError(
                f"it claims {frames} frames but describes {len(self._per_frame)}"
            )

    def item(self, index: int, sequence: str) -> Dataset | None:
        """Return the first item of a functional group for frame `index`, or None."""
        sources = [*self._per_frame[index : index + 1], *self._shared[:1]]
        for source in sources:
            found = values.items(source, sequence)
            if found:
                return found[0]
        return None

    def source(self, index: int, sequence: str, keyword: str) -> Dataset:
        """Return where `keyword` is to be read: the group if it has it, else the top level."""
        item = self.item(index, sequence)
        return item if item is not None and keyword in item else self._dataset
