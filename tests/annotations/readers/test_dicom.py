"""DICOM images of many kinds open and decode; broken ones are refused with a reason."""

import csv
import time

import numpy as np
import pytest

from annotations.errors import ImageError, UnknownImageFormatError, UnsupportedImageError
from annotations.readers import open_image
from tests.annotations.images import DATA, below, in_ct, manifest

SOUND = sorted(
    path
    for path, row in manifest().items()
    if row["pixels"] == "ok" and not path.startswith("hostile/") and "4.51" not in path
)


@pytest.mark.parametrize("path", SOUND)
def test_sound_images_open_and_decode_to_the_size_they_say(path: str) -> None:
    row = manifest()[path]

    image = open_image(DATA / path)
    stored = image.read_frame(image.frames - 1)

    assert (image.rows, image.columns) == (int(row["rows"]), int(row["cols"]))
    assert image.frames == int(row["frames"] or 1)
    assert stored.shape[:2] == (image.rows, image.columns)
    assert image.levels == [(image.columns, image.rows, 1.0)]
    if image.samples == 3:
        assert image.rgb(0).shape == (image.rows, image.columns, 3)
    else:
        assert image.modality_values(0).dtype == np.float64


@pytest.mark.parametrize("path", below("hostile"))
def test_hostile_files_are_read_or_refused_within_seconds(path: str) -> None:
    start = time.monotonic()

    refusal = None
    try:
        image = open_image(DATA / path)
        image.read_frame(0)
        image.geometry(0)
        image.windows(0)
    except ImageError as error:
        refusal = error

    assert time.monotonic() - start < 30
    assert refusal is None or str(refusal).endswith(".")


def test_a_refusal_never_quotes_the_file() -> None:
    words = {path: refusal_of(path) for path in below("hostile")}

    refused = {path: text for path, text in words.items() if text}
    assert len(refused) > 20
    for text in refused.values():
        assert "invalid literal" not in text
        assert "/" not in text.replace("×", "")


def refusal_of(path: str) -> str:
    try:
        open_image(DATA / path).read_frame(0)
    except ImageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("syntax", ["JPEGProcess10_12", "JPEGProcess2_4"])
def test_syntaxes_without_a_decoder_are_named_as_such(syntax: str) -> None:
    image = open_image(in_ct(syntax))

    with pytest.raises(UnsupportedImageError, match="cannot be decoded here"):
        image.read_frame(0)


def test_files_that_are_no_images_are_told_so() -> None:
    with pytest.raises(UnknownImageFormatError, match="no known signature"):
        open_image(DATA / "MANIFEST.csv")
    with pytest.raises(UnknownImageFormatError, match="cannot be opened"):
        open_image(DATA / "no such file")


def test_frames_beyond_the_last_are_wrong_arguments() -> None:
    image = open_image(DATA / "enhanced/emri_small.dcm")

    for index in (-1, 10):
        with pytest.raises(ValueError, match="frames 0 to 9"):
            image.read_frame(index)


def test_a_grey_image_has_no_colours() -> None:
    with pytest.raises(ValueError, match="grey"):
        open_image(DATA / "transfer_syntax/CT_small.dcm").rgb(0)


@pytest.mark.parametrize(
    "path",
    [
        "transfer_syntax/SC_rgb_jpeg_dcmtk.dcm",
        "transfer_syntax/SC_rgb_dcmtk_+eb+cy+s4.dcm",
        "transfer_syntax/SC_ybr_full_422_uncompressed.dcm",
    ],
)
def test_colours_come_out_red_green_and_blue(path: str) -> None:
    rgb = open_image(DATA / path).rgb(0).astype(int)

    bands = np.array([rgb[5, 50], rgb[25, 50], rgb[45, 50]])
    assert np.allclose(bands, np.eye(3) * 255, atol=15)


def test_a_region_is_cut_from_the_displayed_image() -> None:
    image = open_image(DATA / "modality/US/US1_J2KR.dcm")

    region = image.read_region(0, 100, 50, 30, 20)

    assert region.shape == (20, 30, 3)
    assert np.array_equal(region, image.rgb(0)[50:70, 100:130])
    for wrong in ((1, 0, 0, 5, 5), (0, -1, 0, 5, 5), (0, 638, 0, 5, 5), (0, 0, 0, 0, 5)):
        with pytest.raises(ValueError, match="outside"):
            image.read_region(*wrong)


def test_enhanced_and_compressed_copies_have_equal_geometry() -> None:
    copies = [open_image(DATA / path) for path in below("enhanced") if "emri_small" in path]

    assert len(copies) == 3
    for index in range(10):
        assert len({copy.geometry(index) for copy in copies}) == 1


def test_a_file_without_preamble_is_read() -> None:
    assert open_image(DATA / "hostile/fuzz/TC0377_no_preamble.dcm").rows == 64


def test_the_demo_names_images_that_are_there_and_open() -> None:
    with (DATA / "DEMO.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) > 100
    assert all(row["path"] in manifest() and row["why"] for row in rows)
