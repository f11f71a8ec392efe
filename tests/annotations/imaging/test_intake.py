"""One file on its way in: what is kept names nobody and can be served."""

import json
import zlib

import numpy as np
import pydicom
import pytest

from annotations.errors import BlobDamagedError, ImageError
from annotations.imaging import blobs, intake, renditions, sandbox
from annotations.imaging.pixels import DType
from annotations.readers import open_image
from tests.annotations.deid.planting import KEY
from tests.annotations.images import DATA, below

pytestmark = pytest.mark.usefixtures("blob_dir")
OPTIONS = frozenset({"113107"})


def test_a_clear_image_is_cleaned_marked_and_rendered() -> None:
    path = DATA / "series/mr_brain_obl_20/brain_002.dcm"
    original = open_image(path)

    with sandbox.job_folder() as folder:
        found = intake.receive(path, folder=folder, key=KEY, options=OPTIONS)
        clean = pydicom.dcmread(found.clean)

    assert found.decision == "clear"
    assert clean.PatientIdentityRemoved == "YES"
    assert clean.SOPInstanceUID == found.facts["sop_uid"] != original.sop_uid
    dtype: DType = found.facts["dtype"]
    values = np.frombuffer(renditions.load(found.frames[0], stored=dtype), "<i2")
    assert np.array_equal(values.reshape(256, 256), original.modality_values(0))
    assert found.facts["frame_digests"] == [original.frame_digest(0)]
    assert blobs.get(found.thumbnail).startswith(b"\x89PNG")
    assert len(found.subject_key) == 64


def test_a_held_back_image_is_not_marked_until_it_is_released() -> None:
    path = DATA / "modality/CR/cxr.dcm"

    with sandbox.job_folder() as folder, sandbox.job_folder() as second:
        found = intake.receive(path, folder=folder, key=KEY, options=OPTIONS)
        before = pydicom.dcmread(found.clean)
        target, digest = intake.release(found.clean, folder=second)
        after = pydicom.dcmread(target)

    assert (found.decision, found.code) == ("quarantine", "burned_in_not_declared")
    assert "PatientIdentityRemoved" not in before
    assert (after.PatientIdentityRemoved, after.BurnedInAnnotation) == ("YES", "NO")
    assert digest != found.output_sha256
    assert after.PixelData == before.PixelData


def test_every_frame_of_a_cine_is_kept_in_order() -> None:
    path = DATA / "enhanced/emri_small_jpeg_ls_lossless.dcm"
    image = open_image(path)

    with sandbox.job_folder() as folder:
        found = intake.receive(path, folder=folder, key=KEY, options=OPTIONS)

    assert len(found.frames) == 10
    for index, digest in enumerate(found.frames):
        values = np.frombuffer(renditions.load(digest, stored="int16"), "<i2")
        assert np.array_equal(values, image.modality_values(index).ravel())


def test_facts_are_json_without_floats_and_place_frames_like_the_image() -> None:
    paths = [DATA / path for path in below("series/mr_brain_obl_20")[:4]]
    facts = []
    for path in paths:
        with sandbox.job_folder() as folder:
            found = intake.receive(path, folder=folder, key=KEY, options=OPTIONS)
        facts.append(json.loads(json.dumps(found.facts), parse_float=fail_on_float))

    (volume,) = intake.arrange(list(reversed(facts)))

    assert volume.is_volume
    assert volume.slice_spacing == pytest.approx(7.0, abs=0.05)
    assert len({each["series_uid"] for each in facts}) == 1
    for path, remembered in zip(paths, facts, strict=True):
        place = open_image(path).geometry(0)
        assert intake.Remembered(0, remembered).geometry(0) == place


def fail_on_float(text: str) -> None:
    pytest.fail(f"a float: {text}")


def test_a_frame_is_widened_on_demand_and_never_narrowed() -> None:
    content = np.array([[-5, 7]], "<i2").tobytes()
    (digest,) = renditions.keep([zlib.compress(content)])

    wide = np.frombuffer(renditions.load(digest, stored="int16", wanted="float32"), "<f4")
    assert wide.tolist() == [-5.0, 7.0]
    with pytest.raises(ValueError, match="does not become"):
        renditions.load(digest, stored="float32", wanted="int16")


def test_a_blob_that_is_no_frame_is_damaged() -> None:
    digest = blobs.put(b"no zlib", kind="frame")

    with pytest.raises(BlobDamagedError):
        renditions.load(digest, stored="int16")


@pytest.mark.parametrize("path", below("hostile"))
def test_a_hostile_file_is_taken_in_clean_or_refused_with_a_reason(path: str) -> None:
    refusal, clean = taken_in(path)

    if refusal is not None:
        assert refusal.code.startswith("image_")
        assert str(refusal).endswith(".")
    else:
        assert clean is not None
        assert not [each for each in clean.iterall() if each.tag.is_private]
        assert not clean.get("PatientName")


def taken_in(path: str) -> tuple[ImageError | None, pydicom.Dataset | None]:
    with sandbox.job_folder() as folder:
        try:
            found = intake.receive(DATA / path, folder=folder, key=KEY, options=OPTIONS)
        except ImageError as refusal:
            return refusal, None
        return None, pydicom.dcmread(found.clean)
