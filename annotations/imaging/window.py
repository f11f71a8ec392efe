"""Grey-scale windows: from modality values to brightness (PS3.3 C.11.2.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Window:
    """A window in modality values.

    `function` is LINEAR, LINEAR_EXACT or SIGMOID; `explanation` is the file's name for it.
    """

    center: Decimal
    width: Decimal
    function: str = "LINEAR"
    explanation: str = ""


def brightness(pixels: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """Return brightness from 0 to 1, of the shape of `pixels`."""
    center, width = float(window.center), float(window.width)
    if window.function == "SIGMOID":
        exponent = np.clip(-4 * (pixels - center) / width, -700, 700)
        return np.asarray(1 / (1 + np.exp(exponent)))
    if window.function == "LINEAR":  # C.11.2.1.2.1: c - 0.5 and w - 1
        center, width = center - 0.5, width - 1
    if width == 0:
        return np.where(pixels <= center, 0.0, 1.0)
    return np.clip((pixels - center) / width + 0.5, 0.0, 1.0)
