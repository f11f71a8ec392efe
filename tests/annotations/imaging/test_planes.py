"""Planes come from direction cosines."""

import math

import pytest

from annotations.imaging import planes


@pytest.mark.parametrize(
    ("orientation", "plane", "degrees"),
    [
        ((1.0, 0.0, 0.0, 0.0, 1.0, 0.0), "axial", 0),
        ((1.0, 0.0, 0.0, 0.0, 0.0, -1.0), "coronal", 0),
        ((0.0, 1.0, 0.0, 0.0, 0.0, -1.0), "sagittal", 0),
        ((1.0, 0.0, 0.0, 0.0, math.cos(0.5), math.sin(0.5)), "axial", math.degrees(0.5)),
    ],
)
def test_planes_come_from_the_direction_of_the_normal(
    orientation: planes.Orientation, plane: str, degrees: float
) -> None:
    found, oblique = planes.plane_of(orientation)

    assert found == plane
    assert oblique == pytest.approx(degrees, abs=1e-6)
