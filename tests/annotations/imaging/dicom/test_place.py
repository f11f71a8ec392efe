"""Places and spacings come from the right attributes, or are unknown."""

import math

import pytest
from pydicom.dataset import Dataset

from annotations.imaging.dicom.groups import FunctionalGroups
from annotations.imaging.dicom.place import geometry
from annotations.imaging.geometry import Geometry
from annotations.readers import open_image
from tests.annotations.images import DATA


def place_of(**values: object) -> Geometry:
    found = Dataset()
    for keyword, value in values.items():
        setattr(found, keyword, value)
    return geometry(found, FunctionalGroups(found, 1), 0)


def test_a_slice_has_orientation_position_and_spacing_row_first() -> None:
    place = open_image(DATA / "modality/PT/1.dcm").geometry(0)

    assert place.orientation is not None
    assert place.position is not None
    assert place.calibrated


def test_spacing_between_rows_comes_first() -> None:
    assert place_of(Modality="CT", PixelSpacing=[2, 1]).spacing == (2.0, 1.0)


def test_a_projection_has_no_plane_and_its_detector_spacing_is_not_calibrated() -> None:
    place = place_of(
        Modality="CR", ImagerPixelSpacing=[0.2, 0.2], ImagePositionPatient=[0, 0, 0]
    )

    assert place == Geometry(spacing=(0.2, 0.2), calibrated=False)


@pytest.mark.parametrize(
    ("values", "spacing", "calibrated"),
    [
        ({"PixelSpacing": [0.1, 0.1], "ImagerPixelSpacing": [0.2, 0.2]}, 0.1, True),
        ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]}, 0.2, False),
        (
            {"ImagerPixelSpacing": [0.2, 0.2], "EstimatedRadiographicMagnificationFactor": 2},
            0.1,
            True,
        ),
    ],
)
def test_a_radiograph_is_calibrated_only_if_corrected(
    values: dict[str, object], spacing: float, *, calibrated: bool
) -> None:
    place = place_of(Modality="DX", **values)

    assert place.spacing is not None
    assert list(place.spacing) == pytest.approx([spacing, spacing])
    assert place.calibrated is calibrated


def test_ultrasound_spacing_is_that_of_its_region() -> None:
    place = open_image(DATA / "modality/US/GREYSCALE_IMAGE.dcm").geometry(0)

    region = open_image(DATA / "modality/US/GREYSCALE_IMAGE.dcm").header  # type: ignore[attr-defined]  # a DICOM image
    delta = region.SequenceOfUltrasoundRegions[0].PhysicalDeltaX
    assert place.spacing is None or place.spacing[1] == pytest.approx(abs(delta) * 10)


@pytest.mark.parametrize(
    "values",
    [
        {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
        {"ImageOrientationPatient": [2, 0, 0, 0, 1, 0]},
        {"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]},
        {"ImageOrientationPatient": [1, 0, 0]},
        {"ImagePositionPatient": [1e30, 0, 0]},
        {"PixelSpacing": [0, 1]},
        {"PixelSpacing": [-1, 1]},
        {"PixelSpacing": [5000, 1]},
    ],
)
def test_what_makes_no_sense_is_unknown(values: dict[str, object]) -> None:
    place = place_of(Modality="MR", **values)

    assert (place.orientation, place.position, place.spacing) == (None, None, None)


def test_per_frame_groups_go_before_shared_ones_and_the_top_level() -> None:
    image = open_image(DATA / "enhanced/IM_0027_fMAP.dcm")
    positions = {image.geometry(index).position for index in range(image.frames)}

    assert len(positions) > 10
    assert None not in positions


def test_dose_frames_step_along_the_normal() -> None:
    image = open_image(DATA / "rt/rtdose.dcm")
    first, second = (image.geometry(index).position for index in (0, 1))

    assert first is not None
    assert second is not None
    assert math.dist(first, second) > 0
