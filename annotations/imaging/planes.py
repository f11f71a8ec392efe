"""Directions in the patient (DICOM LPS) and the plane nearest to an image."""

from __future__ import annotations

import math
from typing import Literal

Plane = Literal["axial", "coronal", "sagittal", ""]
Vector = tuple[float, float, float]
Orientation = tuple[float, float, float, float, float, float]
PLANES: tuple[Plane, Plane, Plane] = ("sagittal", "coronal", "axial")


def normal(orientation: Orientation) -> Vector:
    """Return row × column, of unit length."""
    a, b, c, d, e, f = orientation
    found = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = math.hypot(*found)
    return found[0] / length, found[1] / length, found[2] / length


def plane_of(orientation: Orientation) -> tuple[Plane, float]:
    """Return the patient plane nearest (largest part of the normal) and degrees from it."""
    parts = [abs(each) for each in normal(orientation)]
    largest = max(parts)
    return PLANES[parts.index(largest)], math.degrees(math.acos(min(1.0, largest)))


def dot(one: Vector | None, other: Vector) -> float:
    """Return the scalar product; `one` must be known."""
    assert one is not None
    return sum(a * b for a, b in zip(one, other, strict=True))
