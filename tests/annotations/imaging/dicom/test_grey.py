"""Rescale, Modality LUT, padding and windows."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from annotations.imaging.dicom import grey
from annotations.imaging.dicom.groups import FunctionalGroups
from annotations.readers import open_image
from tests.annotations.images import DATA


def windows_of(**values: object) -> list[tuple[str, str]]:
    found = Dataset()
    found.BitsStored = 12
    for keyword, value in values.items():
        setattr(found, keyword, value)
    groups = FunctionalGroups(found, 1)
    return [(str(each.center), str(each.width)) for each in grey.windows(found, groups, 0)]


def test_ct_values_are_hounsfield_units() -> None:
    image = open_image(DATA / "transfer_syntax/CT_small.dcm")
    stored = image.read_frame(0)

    assert image.unit == "HU"
    assert np.array_equal(image.modality_values(0), stored.astype(float) - 1024)


def test_slopes_of_single_frames_are_applied_to_their_frame() -> None:
    image = open_image(DATA / "enhanced/IM_0027_fMAP.dcm")
    groups = image.header.PerFrameFunctionalGroupsSequence  # type: ignore[attr-defined]  # a DICOM image

    for index in (0, 31, 63):
        item = groups[index].PixelValueTransformationSequence[0]
        slope, intercept = float(item.RescaleSlope), float(item.RescaleIntercept)
        expected = image.read_frame(index).astype(float) * slope + intercept
        assert np.allclose(image.modality_values(index), expected)


def test_a_modality_lut_is_applied() -> None:
    image = open_image(DATA / "modality/CR/mlut_18.dcm")
    lut = image.header.ModalityLUTSequence[0]  # type: ignore[attr-defined]  # a DICOM image
    entries, first, _ = lut.LUTDescriptor
    table = np.asarray(lut.LUTData)
    stored = image.read_frame(0).astype(int)

    expected = table[np.clip(stored - first, 0, (entries or 65536) - 1)]
    assert np.array_equal(image.modality_values(0), expected)


def test_several_windows_are_offered_in_the_files_order() -> None:
    assert windows_of(WindowCenter=["40", "600"], WindowWidth=["400", "2000"]) == [
        ("40", "400"),
        ("600", "2000"),
    ]


@pytest.mark.parametrize(
    ("center", "width", "function"),
    [
        ("0", "-1", ""),
        ("0", "0", ""),
        ("0", "0.5", "LINEAR"),
        ("0", "1e30", ""),
        ("-1e30", "1", ""),
        ("0", "0", "SIGMOID"),
        ("0", "100", "CUBIC"),
    ],
)
def test_windows_the_standard_forbids_are_not_offered(
    center: str, width: str, function: str
) -> None:
    found = windows_of(WindowCenter=center, WindowWidth=width, VOILUTFunction=function)

    assert found == []


def test_a_narrow_window_is_allowed_where_the_standard_allows_it() -> None:
    found = windows_of(WindowCenter="0.5", WindowWidth="0.5", VOILUTFunction="LINEAR_EXACT")

    assert found == [("0.5", "0.5")]


def test_padding_is_a_value_or_a_range() -> None:
    found = Dataset()
    found.add_new(0x00280120, "SS", -2000)
    stored = np.array([[-2000, -1999], [-1990, 0]], np.int16)

    one = grey.padding(found, stored)
    found.add_new(0x00280121, "SS", -1995)
    several = grey.padding(found, stored)

    assert one is not None
    assert several is not None
    assert one.tolist() == [[True, False], [False, False]]
    assert several.tolist() == [[True, True], [False, False]]
    assert grey.padding(Dataset(), stored) is None
