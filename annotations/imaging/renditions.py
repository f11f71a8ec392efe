"""Frames decoded once at ingest and kept as encrypted blobs, so that serving only decrypts."""

from __future__ import annotations

from typing import Any


def load(digest: str, *, stored: str, wanted: str | None = None) -> bytes:
    """Return a frame's little-endian bytes from the blob `digest`.

    `stored` is the dtype it was kept in ("int16", "float32", "uint8"); `wanted`, if different,
    converts (int16 to float32, when another instance of the series needs it).
    """
    raise NotImplementedError
