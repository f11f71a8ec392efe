"""Frames as the viewer gets them, digests of pixels, windows and thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from annotations.readers.base import Image, Window

DType = Literal["int16", "float32", "uint8"]


@dataclass(frozen=True, kw_only=True)
class FrameMeta:
    """How to read the bytes of one frame: rows × columns × samples, little-endian, row by row."""

    rows: int
    columns: int
    samples: int
    dtype: DType


def frame_bytes(image: Image, index: int) -> tuple[bytes, FrameMeta]:
    """Return the modality values (or RGB) of a frame for the viewer."""
    raise NotImplementedError


def pixel_sha256(image: Image) -> str:
    """Return the digest of all decoded stored pixels, the same in every lossless transfer syntax."""
    raise NotImplementedError


def chosen_windows(image: Image, index: int) -> tuple[tuple[Window, ...], str]:
    """Return the windows to offer and their source, "file" or "percentile"."""
    raise NotImplementedError


def thumbnail(image: Image, index: int, size: int = 160) -> bytes:
    """Return a PNG whose longer side is at most `size` pixels."""
    raise NotImplementedError
