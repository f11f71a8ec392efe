"""Decoding one frame by the libraries pydicom knows, checked against what the header claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from annotations.image_errors import DamagedImageError, UnsupportedImageError
from annotations.imaging.dicom import parse
from annotations.imaging.dicom.codestream import claimed_size
from annotations.imaging.dicom.guard import reading

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from annotations.imaging.dicom.parse import Shape

BITS_PER_BYTE = 8
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"


def frame(dataset: Dataset, shape: Shape, index: int, *, as_rgb: bool = False) -> NDArray[Any]:
    """Return frame `index`, (rows, columns) or (rows, columns, samples).

    Stored values: bits above BitsStored cleared, sign by PixelRepresentation, colour by pixel.
    With `as_rgb`, YBR is converted (PS3.3 C.7.6.3.1.2).  Raises ImageError.
    """
    uid = parse.transfer_syntax(dataset)
    decoder = _decoder(uid, shape.bits_stored)
    with reading(f"frame {index + 1}"):
        if decoder.is_encapsulated:
            _check_codestream(dataset, shape, index)
        pixels, _ = decoder.as_array(
            _with_syntax(dataset, uid), index=index, raw=not as_rgb, allow_excess_frames=False
        )
    wanted = (shape.rows, shape.columns) + ((shape.samples,) if shape.samples > 1 else ())
    if pixels.shape != wanted:
        raise DamagedImageError(f"frame {index + 1} does not have the size the header claims")
    return np.asarray(pixels)


def palette(dataset: Dataset, pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return palette indices as RGB, uint8 (rows, columns, 3) (PS3.3 C.7.6.3.1.5)."""
    from pydicom.pixels.processing import apply_color_lut

    with reading("the palette"):
        return eight_bits(np.asarray(apply_color_lut(pixels, dataset))[..., :3])


def eight_bits(pixels: NDArray[Any], stored: int | None = None) -> NDArray[np.uint8]:
    """Return unsigned values with their `stored` bits scaled to 8 by dropping the lowest."""
    bits = stored or pixels.dtype.itemsize * BITS_PER_BYTE
    if bits > BITS_PER_BYTE:
        pixels = pixels >> (bits - BITS_PER_BYTE)
    return pixels.astype(np.uint8)


def _decoder(uid: str, bits: int) -> Any:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    with reading("its transfer syntax"):
        decoder = get_decoder(UID(uid))
        name = UID(uid).name
    if not decoder.is_available or (uid == JPEG_EXTENDED and bits > BITS_PER_BYTE):
        raise UnsupportedImageError(f"no decoder for {name} of {bits} bits")
    return decoder


def _with_syntax(dataset: Dataset, uid: str) -> Dataset:
    """Name the transfer syntax for decoders in a file without File Meta Information."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    meta = getattr(dataset, "file_meta", None)
    if meta is None or not meta.get("TransferSyntaxUID"):
        dataset.file_meta = meta = meta if meta is not None else FileMetaDataset()
        meta.TransferSyntaxUID = UID(uid)
    return dataset


def _check_codestream(dataset: Dataset, shape: Shape, index: int) -> None:
    from pydicom.encaps import get_frame

    offsets = dataset.get("ExtendedOffsetTable"), dataset.get("ExtendedOffsetTableLengths")
    encoded = get_frame(
        dataset.PixelData,
        index,
        number_of_frames=shape.frames,
        extended_offsets=offsets if all(offsets) else None,
    )
    size = claimed_size(encoded)
    if size is not None and size != (shape.rows, shape.columns):
        raise DamagedImageError(f"frame {index + 1} is compressed at another size than claimed")
