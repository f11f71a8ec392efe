"""Claims are checked before any pixel is decoded."""

import resource
import time
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from annotations.errors import DamagedImageError, ImageTooLargeError, NoPixelsError
from annotations.imaging.dicom import parse
from annotations.readers import open_image
from tests.annotations.images import DATA


@pytest.mark.parametrize("name", ["deflate_256MiB.dcm", "rle_claims_4TB.dcm"])
def test_bombs_are_refused_quickly_and_in_little_memory(name: str) -> None:
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    with pytest.raises(ImageTooLargeError):
        open_image(DATA / "hostile/bomb" / name)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024  # KiB
    assert time.monotonic() - start < 10


def changed(tmp_path: Path, source: str, **changes: object) -> Path:
    """Write a copy of a test image with some attributes changed or, if None, removed."""
    dataset = pydicom.dcmread(DATA / source)
    for keyword, value in changes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    path = tmp_path / "changed.dcm"
    dataset.save_as(path)
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Rows": 0}, "no frames, rows or columns"),
        ({"NumberOfFrames": 0}, "no frames, rows or columns"),
        ({"Rows": None}, "Rows is missing"),
        ({"Columns": 65}, "fewer pixels than it claims"),
        ({"NumberOfFrames": 2}, "fewer pixels than it claims"),
        ({"BitsStored": 17}, "more bits are stored"),
        ({"PixelRepresentation": 3}, "neither signed nor unsigned"),
        ({"SamplesPerPixel": 3}, "disagree"),
    ],
)
def test_contradicting_claims_are_named(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    path = changed(tmp_path, "transfer_syntax/MR_small.dcm", **changes)

    with pytest.raises(DamagedImageError, match=message):
        open_image(path)


def test_a_compressed_frame_of_another_size_is_refused_before_it_is_decoded(
    tmp_path: Path,
) -> None:
    path = changed(tmp_path, "transfer_syntax/MR_small_jp2klossless.dcm", Rows=32, Columns=32)

    with pytest.raises(DamagedImageError, match="another size than claimed"):
        open_image(path).read_frame(0)


def test_claimed_size_is_limited_however_small_the_file(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        "transfer_syntax/MR_small_RLE.dcm",
        Rows=8192,
        Columns=8192,
    )

    with pytest.raises(ImageTooLargeError, match="thousandfold"):
        open_image(path)


def test_more_groups_than_frames_is_a_contradiction(tmp_path: Path) -> None:
    path = changed(tmp_path, "enhanced/IM_0027_fMAP.dcm", NumberOfFrames=63)

    with pytest.raises(DamagedImageError, match="claims 63 frames but describes 64"):
        open_image(path)


@pytest.mark.parametrize("path", ["seg_sr/sr_document.dcm", "rt/751a5e_rtplan.dcm"])
def test_an_object_without_pixels_is_said_to_be_one(path: str) -> None:
    with pytest.raises(NoPixelsError, match="no pixel data"):
        open_image(DATA / path)


@pytest.mark.parametrize("length", [1, 100, 131, 133, 200, 400, 900, 2000, 6000])
def test_a_cut_file_is_refused_with_a_reason(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.dcm"
    path.write_bytes((DATA / "transfer_syntax/MR_small.dcm").read_bytes()[:length])

    with pytest.raises(Exception, match=r"\.$") as caught:
        open_image(path).read_frame(0)

    assert type(caught.value).__module__ == "annotations.image_errors"


def test_deep_nests_of_sequences_do_not_crash(tmp_path: Path) -> None:
    nest = Dataset()
    for _ in range(100):
        outer = Dataset()
        outer.ConceptCodeSequence = [nest]
        nest = outer
    path = changed(tmp_path, "transfer_syntax/MR_small.dcm", ConceptCodeSequence=[nest])

    assert parse.dataset(path).Rows == 64
