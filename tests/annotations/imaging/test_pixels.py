"""Digests, frames for the viewer, windows and thumbnails."""

import hashlib
import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from annotations.imaging import pixels
from annotations.readers import open_image
from tests.annotations.images import DATA, in_ct

MR_SMALL = ("", "_bigendian", "_RLE", "_jp2klossless", "_jpeg_ls_lossless")
CT_LOSSLESS = ("JPEG2000LosslessOnly", "Deflated", "JPEGProcess14SV1", "RLE")


@pytest.mark.parametrize("suffix", MR_SMALL[1:])
def test_the_pixel_digest_is_the_same_in_every_lossless_syntax(suffix: str) -> None:
    one = open_image(DATA / "transfer_syntax/MR_small.dcm")
    other = open_image(DATA / f"transfer_syntax/MR_small{suffix}.dcm")

    assert pixels.pixel_sha256(one) == pixels.pixel_sha256(other)


def test_the_pixel_digest_of_the_ct_is_the_same_in_every_lossless_syntax() -> None:
    found = {pixels.pixel_sha256(open_image(in_ct(syntax))) for syntax in CT_LOSSLESS}

    assert len(found) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("modality/US/color-pl.dcm", "modality/US/color-px.dcm"),
        ("enhanced/emri_small.dcm", "enhanced/emri_small_RLE.dcm"),
        ("enhanced/emri_small.dcm", "enhanced/emri_small_jpeg_ls_lossless.dcm"),
        (
            "transfer_syntax/SC_rgb_rle_16bit_2frame.dcm",
            "transfer_syntax/SC_rgb_expb_16bit_2frame.dcm",
        ),
    ],
)
def test_planar_order_bytes_and_compression_do_not_change_the_digest(
    one: str, other: str
) -> None:
    assert pixels.pixel_sha256(open_image(DATA / one)) == pixels.pixel_sha256(
        open_image(DATA / other)
    )


def test_the_digest_is_that_of_the_documented_layout() -> None:
    image = open_image(DATA / "transfer_syntax/MR_small.dcm")
    stored = image.read_frame(0)
    frame = b"i" + struct.pack(">3I", 64, 64, 1) + stored.astype("<i4").tobytes()
    whole = b"annotation-ledger/pixels/v1\n" + struct.pack(">I", 1)
    expected = hashlib.sha256(whole + hashlib.sha256(frame).digest()).hexdigest()

    assert pixels.pixel_sha256(image) == expected


@pytest.mark.parametrize(
    ("path", "dtype", "samples"),
    [
        ("transfer_syntax/CT_small.dcm", "int16", 1),
        ("modality/PT/1.dcm", "float32", 1),
        ("enhanced/parametric_map_float.dcm", "float32", 1),
        ("modality/US/US1_J2KR.dcm", "uint8", 3),
        ("transfer_syntax/examples_palette.dcm", "uint8", 3),
    ],
)
def test_frames_are_modality_values_or_rgb_little_endian(
    path: str, dtype: str, samples: int
) -> None:
    image = open_image(DATA / path)

    content, meta = pixels.frame_bytes(image, 0)

    assert (meta.dtype, meta.samples) == (dtype, samples)
    values = np.frombuffer(content, np.dtype(dtype).newbyteorder("<"))
    assert values.size == meta.rows * meta.columns * meta.samples
    expected = image.rgb(0) if samples == 3 else image.modality_values(0)
    assert np.allclose(values, expected.ravel(), rtol=1e-6)


def test_a_wider_type_can_be_asked_for_and_a_narrower_one_not() -> None:
    ct = open_image(DATA / "transfer_syntax/CT_small.dcm")
    pet = open_image(DATA / "modality/PT/1.dcm")

    content, meta = pixels.frame_bytes(ct, 0, "float32")

    assert meta.dtype == "float32"
    assert len(content) == ct.rows * ct.columns * 4
    with pytest.raises(ValueError, match="does not fit"):
        pixels.frame_bytes(pet, 0, "int16")


def test_the_files_windows_come_first_and_a_percentile_is_said_to_be_one() -> None:
    ct = open_image(in_ct("JPEG2000LosslessOnly"))
    brain = open_image(DATA / "series/mr_brain_obl_20/brain_002.dcm")

    windows, source = pixels.chosen_windows(ct, 0)
    assert source == "file"
    assert (str(windows[0].center), str(windows[0].width)) == ("40", "400")

    windows, source = pixels.chosen_windows(brain, 0)
    padding = brain.padding(0)
    assert padding is not None
    low, high = np.percentile(brain.modality_values(0)[~padding], (1, 99))
    assert source == "percentile"
    assert float(windows[0].width) == pytest.approx(high - low, rel=1e-5)


def test_monochrome1_is_shown_inverted() -> None:
    chest = open_image(DATA / "modality/CR/cxr.dcm")

    shown = pixels.displayed_rgb(chest, 0)[..., 0].astype(float)

    assert chest.inverted
    stored = chest.modality_values(0)
    assert np.corrcoef(stored.ravel(), shown.ravel())[0, 1] < -0.5


@pytest.mark.parametrize(
    "path",
    [
        "modality/CR/cxr.dcm",
        "modality/DX/dx_image.dcm",
        "enhanced/emri_small.dcm",
        "modality/US/US1_J2KR.dcm",
        "enhanced/parametric_map_float.dcm",
    ],
)
def test_a_thumbnail_fits_and_shows_something(path: str) -> None:
    content = pixels.thumbnail(open_image(DATA / path), 0, 160)

    picture = Pillow.open(BytesIO(content))
    assert picture.format == "PNG"
    assert max(picture.size) == 160
    assert np.asarray(picture).std() > 5
    assert picture.info == {}
