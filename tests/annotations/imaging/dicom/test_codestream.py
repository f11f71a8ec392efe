"""The size in a compressed frame's header, read without a decoder."""

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import get_frame

from annotations.imaging.dicom.codestream import claimed_size
from tests.annotations.images import DATA


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("transfer_syntax/MR_small_jp2klossless.dcm", (64, 64)),
        ("transfer_syntax/MR_small_jpeg_ls_lossless.dcm", (64, 64)),
        ("transfer_syntax/SC_rgb_jpeg_dcmtk.dcm", (100, 100)),
        ("modality/US/US1_J2KR.dcm", (480, 640)),
        ("transfer_syntax/MR_small_RLE.dcm", None),
    ],
)
def test_rows_and_columns_are_read_from_real_frames(
    path: str, size: tuple[int, int] | None
) -> None:
    dataset = pydicom.dcmread(DATA / path)

    assert claimed_size(get_frame(dataset.PixelData, 0, number_of_frames=1)) == size


@given(
    start=st.sampled_from([b"\xff\xd8", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "]),
    rest=st.binary(),
)
def test_any_bytes_give_a_size_or_none(start: bytes, rest: bytes) -> None:
    found = claimed_size(start + rest)

    assert found is None or len(found) == 2
