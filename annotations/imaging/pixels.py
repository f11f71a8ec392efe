"""Frames as the viewer gets them, digests of pixels, windows and thumbnails."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from annotations.imaging.window import Window, brightness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from annotations.readers.base import Image

DType = Literal["int16", "float32", "uint8"]
WIDEST = {"uint8": 0, "int16": 1, "float32": 2}
PERCENTILES = (1.0, 99.0)
COLOURS = 3
THUMBNAIL_PIXELS = 160
DIGEST_PREFIX = b"annotation-ledger/pixels/v1\n"


@dataclass(frozen=True, kw_only=True)
class FrameMeta:
    """How to read one frame's bytes: rows × columns × samples, little-endian, row by row."""

    rows: int
    columns: int
    samples: int
    dtype: DType


def frame_bytes(
    image: Image, index: int, dtype: DType | None = None
) -> tuple[bytes, FrameMeta]:
    """Return the modality values (or RGB) of a frame for the viewer.

    Grey frames are int16 where every value of the frame is a whole number that fits, otherwise
    float32; colour is uint8 RGB.  `dtype` asks for a wider one, so that all frames of an image
    agree; ValueError if the values do not fit it.  Raises ImageError.
    """
    if image.samples == COLOURS:
        pixels: NDArray[Any] = image.rgb(index)
        natural: DType = "uint8"
    else:
        pixels = image.modality_values(index)
        natural = _natural_dtype(pixels)
    chosen = dtype or natural
    if WIDEST[chosen] < WIDEST[natural] or (natural == "uint8") != (chosen == "uint8"):
        raise ValueError(f"The frame needs {natural}, which does not fit {chosen}.")
    meta = FrameMeta(
        rows=image.rows, columns=image.columns, samples=image.samples, dtype=chosen
    )
    return little_endian(pixels, chosen), meta


def little_endian(pixels: NDArray[Any], dtype: DType) -> bytes:
    """Return an array's bytes as `dtype`, little-endian, in C order."""
    return np.ascontiguousarray(pixels, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()


def widest(dtypes: set[DType]) -> DType:
    """Return the dtype that holds the values of all `dtypes`."""
    return max(dtypes, key=WIDEST.__getitem__)


def _natural_dtype(pixels: NDArray[np.float64]) -> DType:
    limits = np.iinfo(np.int16)
    whole = bool(np.all(np.isfinite(pixels))) and bool(np.all(pixels == np.rint(pixels)))
    fits = limits.min <= pixels.min() and pixels.max() <= limits.max
    return "int16" if whole and bool(fits) else "float32"


def frame_sha256(image: Image, index: int) -> str:
    """Return the digest of one frame's stored values in hex; see `pixel_sha256`."""
    stored: NDArray[Any] = image.read_frame(index)
    samples = stored.shape[2] if stored.ndim == COLOURS else 1
    shape = struct.pack(">3I", stored.shape[0], stored.shape[1], samples)
    if stored.dtype.kind == "f":
        content = b"f" + shape + stored.astype("<f8").tobytes()
    else:
        content = b"i" + shape + stored.astype("<i4").tobytes()
    return hashlib.sha256(content).hexdigest()


def pixel_sha256(image: Image) -> str:
    """Return the SHA-256 of all decoded stored pixels, in lower-case hex.

    The same stored values give the same digest in every lossless transfer syntax, planar
    configuration and byte order.  Hashed are, one after another:

    - `annotation-ledger/pixels/v1` and a line feed;
    - the number of frames, an unsigned 32-bit big-endian integer;
    - per frame the 32 bytes of the SHA-256 over: the letter "i" (integers) or "f" (floats);
      rows, columns and samples stored per pixel, three unsigned 32-bit big-endian integers; the
      values, row by row, colour by pixel, little-endian, as 32-bit two's complement integers or
      64-bit floats.
    """
    return combined_sha256([image.frame_digest(index) for index in range(image.frames)])


def combined_sha256(frame_digests: list[str]) -> str:
    """Return `pixel_sha256` of an image from the digests of its frames, in order."""
    count = struct.pack(">I", len(frame_digests))
    digests = b"".join(bytes.fromhex(each) for each in frame_digests)
    return hashlib.sha256(DIGEST_PREFIX + count + digests).hexdigest()


def chosen_windows(image: Image, index: int) -> tuple[tuple[Window, ...], str]:
    """Return the windows to offer, the first to start with, and where they come from.

    "file": the file's own (for colour: the full range); "percentile": from the 1st to the 99th
    percentile of the frame's modality values without padding, because the file has none.
    """
    if image.samples == COLOURS:
        full = Window(center=Decimal(128), width=Decimal(256), explanation="full range")
        return (full,), "file"
    found = image.windows(index)
    if found:
        return found, "file"
    return (_percentile_window(_shown_values(image, index)),), "percentile"


def displayed_rgb(image: Image, index: int) -> NDArray[np.uint8]:
    """Return a frame as a screen shows it, uint8 (rows, columns, 3).

    Modality values, first window, MONOCHROME1 inverted last (PS3.3 C.7.6.3.1.2); padding black.
    """
    if image.samples == COLOURS:
        return image.rgb(index)
    pixels = image.modality_values(index)
    window = chosen_windows(image, index)[0][0]
    grey = brightness(np.nan_to_num(pixels), window)
    if image.inverted:
        grey = 1 - grey
    padding = image.padding(index)
    if padding is not None:
        grey[padding] = 0
    shown = np.rint(grey * 255).astype(np.uint8)
    return np.repeat(shown[..., np.newaxis], COLOURS, axis=2)


def thumbnail(image: Image, index: int, size: int = THUMBNAIL_PIXELS) -> bytes:
    """Return a PNG whose longer side is `size` pixels, in true proportions; no metadata."""
    from PIL import Image as Pillow

    picture = Pillow.fromarray(displayed_rgb(image, index))
    down, across = image.geometry(index).spacing or (1.0, 1.0)
    height, width = image.rows * down, image.columns * across
    scale = size / max(height, width)
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    file = BytesIO()
    picture.resize(shape, Pillow.Resampling.BILINEAR).save(file, format="PNG")
    return file.getvalue()


def _shown_values(image: Image, index: int) -> NDArray[np.float64]:
    pixels = image.modality_values(index)
    padding = image.padding(index)
    usable = np.isfinite(pixels)
    if padding is not None:
        usable &= ~padding
    return pixels[usable]


def _percentile_window(shown: NDArray[np.float64]) -> Window:
    low, high = np.percentile(shown, PERCENTILES) if shown.size else (0.0, 1.0)
    if high <= low:  # nearly all pixels equal: the full range, at least one wide
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    width = high - low if high > low else 1.0
    return Window(
        center=Decimal(f"{(low + high) / 2:.6g}"),
        width=Decimal(f"{width:.6g}"),
        function="LINEAR_EXACT",
        explanation="1st to 99th percentile",
    )
