"""Pictures for pages: one frame, windowed, as PNG."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as Pillow

from annotations.imaging.window import Window, brightness

BRIGHTEST = 255
# What stands where an erased image stood; it says so in words, since it may be the only sign.
WITHHELD = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" role="img"'
    b' aria-label="Withheld: this image was erased"><rect width="120" height="120"'
    b' fill="#e7e9ec"/><path d="M0 120 120 0M-30 90 90-30M30 150 150 30" stroke="#b9bec6"'
    b' stroke-width="3"/><rect y="46" width="120" height="28" fill="#e7e9ec"/><text x="60"'
    b' y="66" font-family="sans-serif" font-size="20" text-anchor="middle" fill="#3b4350">'
    b"withheld</text></svg>"
)
CLOSED = WITHHELD.replace(b"this image was erased", b"no data permission").replace(
    b">withheld<", b">closed<"
)


def png(frame: bytes, facts: dict[str, Any]) -> bytes:
    """Return a frame as PNG, in full size, through the window that `facts` names.

    `frame` holds rows × columns (× 3) values of type facts["dtype"], little-endian, row by row.
    """
    rows, columns, samples = facts["rows"], facts["columns"], facts["samples"]
    values = np.frombuffer(frame, np.dtype(facts["dtype"]).newbyteorder("<"))
    if samples != 1:
        return _encoded(values.reshape(rows, columns, samples).astype(np.uint8))
    center, width = (Decimal(number) for number in facts["window"])
    window = Window(center=center, width=width)
    bright = brightness(values.reshape(rows, columns).astype(np.float64), window)
    if facts["inverted"]:
        bright = 1 - bright
    return _encoded(np.rint(bright * BRIGHTEST).astype(np.uint8))


def _encoded(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    out = BytesIO()
    Pillow.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()
