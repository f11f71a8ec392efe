"""Frames sort into volumes by where they lie, whatever their names, numbers or order."""

import math
from dataclasses import dataclass, replace
from functools import cache

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from annotations.imaging import planes
from annotations.imaging.geometry import Geometry, volumes
from annotations.readers import Image, open_image
from tests.annotations.images import DATA

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@cache
def series(name: str) -> tuple[Image, ...]:
    return tuple(open_image(path) for path in sorted((DATA / "series" / name).glob("*.dcm")))


@dataclass(frozen=True)
class Slice:
    """A frame that lies at a height above the scanner's centre."""

    height: float
    pixels: str = ""
    time: str = ""
    orientation: tuple[float, float, float, float, float, float] | None = AXIAL
    shift: float = 0.0
    type: str = "ORIGINAL"
    rows: int = 4
    columns: int = 4
    frames: int = 1

    def geometry(self, index: int) -> Geometry:
        return Geometry(
            orientation=self.orientation,
            position=(0.0, self.shift * self.height, self.height),
            spacing=(1.0, 1.0),
        )

    def stack_key(self, index: int) -> tuple[str, ...]:
        return (self.type,)

    def time_key(self, index: int) -> tuple[str, ...]:
        return (self.time,)

    def frame_digest(self, index: int) -> str:
        return self.pixels or f"pixels at {self.height} {self.time}"


def test_the_oblique_brain_is_one_volume_with_the_true_step() -> None:
    (found,) = volumes(series("mr_brain_obl_20"))

    assert found.is_volume
    assert len(found.images) == 20
    assert found.plane == "axial"
    assert found.slice_spacing == pytest.approx(7.0, abs=0.05)
    assert found.oblique_degrees == pytest.approx(7.7, abs=0.1)
    assert not found.is_oblique
    assert found.gaps == ()  # steps of 6.958 to 7.071 are rounding


@given(st.permutations(range(93)))
@hypothesis_settings(max_examples=10, deadline=None)
def test_the_order_of_files_does_not_matter(order: list[int]) -> None:
    images = series("ct_head_small_93")

    (found,) = volumes([images[at] for at in order])

    heights = [image.geometry(0).position for image in found.images]
    assert found.is_volume
    assert [height[2] for height in heights if height] == sorted(
        height[2] for height in heights if height
    )
    assert len(found.images) == 93


@given(missing=st.integers(1, 91))
@hypothesis_settings(max_examples=10, deadline=None)
def test_a_missing_slice_is_a_gap_at_its_place(missing: int) -> None:
    (whole,) = volumes(series("ct_head_small_93"))
    lost = whole.images[missing]

    (found,) = volumes([image for image in whole.images if image is not lost])

    place = lost.geometry(0).position
    assert place is not None
    assert not found.is_volume
    (gap,) = found.gaps
    assert gap.after < place[2] < gap.before
    assert found.reason == "slices are missing"


def test_different_orientations_are_different_stacks() -> None:
    found = volumes(series("edge_sliceorientation"))

    assert sorted(volume.plane for volume in found) == ["axial", "sagittal"]
    assert not any(volume.is_volume for volume in found)


def test_equal_pixels_at_different_times_are_time_points() -> None:
    (found,) = volumes(series("ct_4d_tiny"))

    assert [len(point) for point in found.times] == [4] * 19
    assert found.is_volume
    assert not found.duplicates


def test_a_repeated_frame_is_left_out_and_told() -> None:
    slices = [Slice(0.0), Slice(1.0), Slice(2.0), Slice(1.0)]

    (found,) = volumes(slices)

    assert found.is_volume
    assert [each.height for each in found.images] == [0.0, 1.0, 2.0]
    assert [image for image, _ in found.duplicates] == [Slice(1.0)]


def test_other_pixels_at_the_same_places_are_time_points_in_time_order() -> None:
    slices = [Slice(float(at), time=time) for time in ("10", "9", "2") for at in range(3)]

    (found,) = volumes(slices)

    assert [[image.time for image, _ in point] for point in found.times] == [
        ["2"] * 3,
        ["9"] * 3,
        ["10"] * 3,
    ]


@given(degrees=st.floats(0.6, 40))
def test_a_tilted_gantry_is_measured_and_is_no_volume(degrees: float) -> None:
    shift = math.tan(math.radians(degrees))

    (found,) = volumes([Slice(float(at), shift=shift) for at in range(5)])

    assert found.tilt_degrees == pytest.approx(degrees, abs=1e-6)
    assert not found.is_volume
    assert found.reason == "the gantry was tilted"


def test_two_positions_are_no_volume() -> None:
    (found,) = volumes([Slice(0.0), Slice(1.0)])

    assert (found.is_volume, found.reason) == (False, "fewer than three positions")


def test_image_types_are_different_stacks() -> None:
    slices = [Slice(float(at), type=kind) for kind in ("A", "B") for at in range(3)]

    assert [len(volume.images) for volume in volumes(slices)] == [3, 3]


def test_frames_without_orientation_keep_their_order() -> None:
    slices = [replace(Slice(float(at)), orientation=None) for at in (2, 0, 1)]

    (found,) = volumes(slices)

    assert [each.height for each in found.images] == [2.0, 0.0, 1.0]
    assert (found.is_volume, found.plane) == (False, "")


def test_frames_of_one_enhanced_file_sort_by_position() -> None:
    image = open_image(DATA / "enhanced/IM_0027_fMAP.dcm")

    found = volumes([image])

    assert sum(len(volume.slices) for volume in found) == 64
    for volume in found:
        for point in volume.times:
            heights = [along(each.geometry(frame)) for each, frame in point]
            assert heights == sorted(heights)


def along(place: Geometry) -> float:
    assert place.orientation is not None
    assert place.position is not None
    normal = planes.normal(place.orientation)
    return sum(a * b for a, b in zip(place.position, normal, strict=True))
