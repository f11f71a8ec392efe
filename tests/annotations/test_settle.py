"""The outcome of one file."""

from pathlib import Path

import pydicom
import pytest

from annotations.models import ImportedFile, Instance, Subject
from tests.annotations.imaged import HELD, changed, image_of, mr_slices, stored, take_in
from tests.annotations.images import DATA

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
Status = ImportedFile.Status


def test_same_file_again_is_a_duplicate() -> None:
    path = mr_slices(1)[0]

    first, second = take_in(path, path)

    assert (first.status, second.status) == (Status.IMPORTED, Status.DUPLICATE)
    assert (second.instance, second.reason_code) == (first.instance, "same_file")
    assert Instance.objects.count() == 1


def test_same_pixels_under_another_header_are_a_duplicate() -> None:
    plain, packed = DATA / "enhanced/emri_small.dcm", DATA / "enhanced/emri_small_RLE.dcm"

    first, second = take_in(plain, packed)

    assert (first.status, second.status) == (Status.IMPORTED, Status.DUPLICATE)
    assert second.reason_code == "same_pixels"
    assert second.instance == first.instance


def test_same_file_while_it_is_held_is_a_duplicate_of_what_is_held() -> None:
    first, second = take_in(HELD, HELD)

    assert (first.status, second.status) == (Status.QUARANTINED, Status.DUPLICATE)
    assert second.instance is None


def test_other_pixels_under_a_known_identifier_are_rejected(
    tmp_path: Path, store: Path
) -> None:
    path = mr_slices(1)[0]
    pixels = bytearray(pydicom.dcmread(path).PixelData)
    pixels[100] ^= 1
    other = changed(path, tmp_path / "other.dcm", PixelData=bytes(pixels))

    first, second = take_in(path, other)

    assert (second.status, second.reason_code) == (Status.REJECTED, "uid_conflict")
    image = image_of(first)
    assert stored(store) == {image.file_sha256, image.thumbnail, *image.renditions}


def test_two_patients_never_share_a_series(tmp_path: Path) -> None:
    one, two = mr_slices(2)
    other = changed(two, tmp_path / "other.dcm", PatientID="SOMEBODY-ELSE")

    first, second = take_in(one, other)

    assert image_of(first).series.series_uid == image_of(second).series.series_uid
    assert image_of(first).series != image_of(second).series
    assert Subject.objects.count() == 2
