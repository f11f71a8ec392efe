"""Frames decoded once at ingest and kept as encrypted blobs, so that serving only decrypts."""

from __future__ import annotations

import zlib

from annotations.image_errors import BlobDamagedError
from annotations.imaging import blobs
from annotations.imaging.pixels import WIDEST, DType


def keep(packed_frames: list[bytes], *, owner: str = "") -> list[str]:
    """Keep zlib-compressed frames and return their digests, in order; BlobStoreError.

    `owner` names the subject's key that encrypts them.
    """
    return blobs.put_many(packed_frames, kind="frame", owner=owner)


def load(digest: str, *, stored: DType, wanted: DType | None = None, owner: str = "") -> bytes:
    """Return a frame's bytes: little-endian, row by row (`pixels.frame_bytes`).

    `stored` is the dtype it was kept in; `wanted` a wider one, where another instance of the
    series needs it.  Raises BlobError, or ValueError if `wanted` is narrower.
    """
    try:
        content = zlib.decompress(blobs.get(digest, owner=owner))
    except zlib.error:
        raise BlobDamagedError(digest, "it is no compressed frame") from None
    if wanted in {None, stored}:
        return content
    assert wanted is not None
    if WIDEST[wanted] < WIDEST[stored] or "uint8" in {stored, wanted}:
        raise ValueError(f"A frame of {stored} does not become {wanted}.")
    import numpy as np

    return np.frombuffer(content, dtype=f"<{_code(stored)}").astype("<f4").tobytes()


def _code(dtype: DType) -> str:
    return {"int16": "i2", "float32": "f4", "uint8": "u1"}[dtype]
