"""Pixels are shown only where nothing can be burned in; everything else waits for a person."""

import pydicom
import pytest
from pydicom.dataset import Dataset

from annotations import deid
from tests.annotations.images import DATA, below


def header(**changes: object) -> Dataset:
    """Return what is cleared, an original CT; changed as asked."""
    found = Dataset()
    found.Modality = "CT"
    found.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    found.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    for keyword, value in changes.items():
        setattr(found, keyword, value)
    return found


def test_an_original_ct_is_clear() -> None:
    assert deid.pixel_decision(header()).outcome == "clear"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned_in"),
        ({"BurnedInAnnotation": "PERHAPS"}, "burned_in_unclear"),
        ({"Modality": "US"}, "modality_not_cleared"),
        ({"Modality": "OT", "BurnedInAnnotation": "NO"}, "modality_not_cleared"),
        ({"Modality": ""}, "modality_not_cleared"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary_capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.4"}, "secondary_capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, "secondary_capture"),
        ({"SOPClassUID": ""}, "secondary_capture"),
        ({"ImageType": ["DERIVED", "SECONDARY", "REFORMATTED"]}, "derived"),
    ],
)
def test_what_could_show_a_name_is_held_back(changes: dict[str, object], code: str) -> None:
    decision = deid.pixel_decision(header(**changes))

    assert (decision.outcome, decision.code) == ("quarantine", code)
    assert decision.reason.endswith(".")


@pytest.mark.parametrize(
    ("modality", "sop_class"),
    [("CR", "1"), ("DX", "1.1"), ("MG", "1.2"), ("XA", "12.1")],
)
def test_projections_must_say_that_nothing_is_burned_in(modality: str, sop_class: str) -> None:
    uid = f"1.2.840.10008.5.1.4.1.1.{sop_class}"
    silent = header(Modality=modality, SOPClassUID=uid)
    declared = header(Modality=modality, SOPClassUID=uid, BurnedInAnnotation="NO")

    assert deid.pixel_decision(silent).code == "burned_in_not_declared"
    assert deid.pixel_decision(declared).outcome == "clear"


def test_an_overlay_in_unused_bits_is_held_back() -> None:
    source = header()
    source.add_new(0x60000102, "US", 12)

    assert deid.pixel_decision(source).code == "embedded_overlay"


def test_a_modality_is_quoted_only_if_it_is_a_code() -> None:
    assert "SMITH" not in deid.pixel_decision(header(Modality="SMITH JOHN")).reason


def test_an_empty_header_is_held_back() -> None:
    assert deid.pixel_decision(Dataset()).outcome == "quarantine"


@pytest.mark.parametrize(
    "path",
    [
        "modality/US/US1_J2KR.dcm",
        "modality/US/GREYSCALE_IMAGE.dcm",
        "deid/burned_in_missing.dcm",
        "deid/burned_in_yes.dcm",
        "modality/XA/jpeg_baseline_8bit.dcm",
        "modality/CR/cxr.dcm",
        *below("charset"),
    ],
)
def test_real_files_that_may_show_names_are_held_back(path: str) -> None:
    assert deid.pixel_decision(pydicom.dcmread(DATA / path)).outcome == "quarantine"


@pytest.mark.parametrize(
    "path",
    [
        "series/mr_brain_obl_20/brain_001.dcm",
        "series/ct_head_small_93/CTHead1.dcm",
        "enhanced/emri_small_jpeg_ls_lossless.dcm",
        "modality/PT/1.dcm",
        "seg_sr/seg_image_ct_binary.dcm",
    ],
)
def test_real_original_images_are_clear(path: str) -> None:
    assert deid.pixel_decision(pydicom.dcmread(DATA / path)).outcome == "clear"
