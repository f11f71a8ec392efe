"""Pictures for pages: one frame, windowed, as PNG."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image as Pillow

from annotations.imaging.window import Window, brightness

BRIGHTEST = 255


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
