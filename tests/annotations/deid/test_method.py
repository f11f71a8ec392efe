"""What was done is said once, and our own work is known again."""

from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from annotations import deid
from tests.annotations.deid import planting
from tests.annotations.deid.planting import CANARY, KEY
from tests.annotations.images import DATA

OPTIONS = deid.PROJECT_OPTIONS
PATHS = [
    "modality/CR/cxr.dcm",
    "enhanced/emri_small.dcm",
    "series/mr_brain_obl_20/brain_002.dcm",
    "transfer_syntax/MR_small_bigendian.dcm",
    "seg_sr/sr_document.dcm",
]


def codes(dataset: Dataset) -> list[str]:
    return [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]


@pytest.mark.parametrize("path", PATHS)
def test_the_same_input_and_key_give_the_same_bytes(path: str) -> None:
    one, other = (
        planting.written(
            deid.deidentify(pydicom.dcmread(DATA / path), key=KEY, options=OPTIONS)
        )
        for _ in range(2)
    )

    assert one == other


@pytest.mark.parametrize("path", PATHS)
def test_cleaning_a_second_time_changes_nothing(path: str) -> None:
    first = planting.written(
        deid.deidentify(pydicom.dcmread(DATA / path), key=KEY, options=OPTIONS)
    )

    again, counts = deid.deidentify_with_counts(
        pydicom.dcmread(BytesIO(first)), key=KEY, options=OPTIONS
    )

    assert planting.written(again) == first
    assert counts == {"already_clean": 1}


def test_a_sealed_file_somebody_added_to_is_cleaned_again() -> None:
    source = deid.deidentify(
        pydicom.dcmread(DATA / "modality/CR/cxr.dcm"), key=KEY, options=OPTIONS
    )
    source.PatientName = "Name^Added"
    source.add_new(0x00091001, "LO", "private")

    clean = deid.deidentify(source, key=KEY, options=OPTIONS)

    assert clean.PatientName == ""
    assert 0x00091001 not in clean
    assert codes(clean) == ["113100", "113107"]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("DeidentificationMethod", ["Name^Added"]),
        ("BurnedInAnnotation", "NAME ADDED"),
        ("PatientIdentityRemoved", "NAME ADDED"),
        ("StudyDate", "19631103"),
    ],
)
def test_nothing_can_be_smuggled_in_under_a_seal(keyword: str, value: object) -> None:
    source = deid.deidentify(
        pydicom.dcmread(DATA / "modality/CR/cxr.dcm"), key=KEY, options=OPTIONS
    )
    earlier = source.get("DeidentificationMethod")
    setattr(source, keyword, value)
    if keyword == "DeidentificationMethod":
        source.DeidentificationMethod = [*value, earlier] if isinstance(value, list) else []

    clean = deid.deidentify(source, key=KEY, options=OPTIONS)

    if keyword == "DeidentificationMethod":
        assert clean.SOPInstanceUID != source.SOPInstanceUID  # not taken for our own work
    else:
        assert clean.get(keyword) != value


def test_codes_of_an_earlier_de_identification_are_not_doubled() -> None:
    path = DATA / "modality/CR/cxr.dcm"
    earlier = deid.deidentify(pydicom.dcmread(path), key=b"an earlier key", options=OPTIONS)

    clean = deid.deidentify(earlier, key=KEY, options=OPTIONS)

    assert codes(clean) == ["113100", "113107"]


def test_a_data_set_made_in_memory_is_cleaned_too() -> None:
    source = Dataset()
    source.PatientName = "Name^Some"
    source.Modality = "CT"

    clean = deid.deidentify(source, key=KEY)

    assert (clean.PatientName, clean.Modality) == ("", "CT")


def test_another_projects_seal_is_not_believed() -> None:
    path = DATA / "modality/CR/cxr.dcm"
    source = deid.deidentify(pydicom.dcmread(path), key=b"another project's secret key....")

    clean = deid.deidentify(source, key=KEY)

    assert clean.SOPInstanceUID != source.SOPInstanceUID


def test_method_codes_name_the_profile_and_the_options_used() -> None:
    source = pydicom.dcmread(DATA / "modality/CR/cxr.dcm")

    assert codes(deid.deidentify(source, key=KEY)) == ["113100"]
    some = frozenset({"113107", "113101", "113111", "113109"})
    assert codes(deid.deidentify(source, key=KEY, options=some)) == [
        "113100",
        "113107",
        "113109",
    ]


@pytest.mark.parametrize(
    ("options", "word"),
    [(set(), "REMOVED"), ({"113107"}, "MODIFIED"), ({"113106"}, "UNMODIFIED")],
)
def test_the_treatment_of_dates_is_said(options: set[str], word: str) -> None:
    source = pydicom.dcmread(DATA / "modality/CR/cxr.dcm")

    clean = deid.deidentify(source, key=KEY, options=frozenset(options))

    assert clean.LongitudinalTemporalInformationModified == word


def test_an_earlier_claim_that_identity_was_removed_is_not_passed_on() -> None:
    source = pydicom.dcmread(DATA / "modality/CR/cxr.dcm")
    source.PatientIdentityRemoved = "YES"

    assert "PatientIdentityRemoved" not in deid.deidentify(source, key=KEY)


def test_preamble_and_file_meta_name_nobody() -> None:
    source = planting.read_back(planting.planted())
    source.preamble = b"HTML" * 32
    source.file_meta.MediaStorageSOPInstanceUID = source.SOPInstanceUID

    clean = deid.deidentify(source, key=KEY)

    assert clean.preamble == b"\0" * 128
    assert clean.file_meta.MediaStorageSOPInstanceUID == clean.SOPInstanceUID
    assert clean.file_meta.TransferSyntaxUID == source.file_meta.TransferSyntaxUID
    assert CANARY not in str(clean.file_meta)


def test_references_between_files_resolve_whatever_the_order() -> None:
    names = ("ct_image.dcm", "seg_image_ct_binary.dcm", "sr_document.dcm", "sm_annotations.dcm")
    sources = {name: pydicom.dcmread(DATA / "seg_sr" / name) for name in names}

    clean = {name: deid.deidentify(sources[name], key=KEY) for name in reversed(names)}

    new = {old: fresh for name in names for old, fresh in mapping(sources[name], clean[name])}
    for name in names:
        for old, fresh in mapping(sources[name], clean[name]):
            assert new[old] == fresh
    originals = {uid for name in names for uid in uids(sources[name])}
    assert len(originals) > 10
    assert not [uid for name in names for uid in uids(clean[name]) if uid in originals]


def mapping(source: Dataset, clean: Dataset) -> list[tuple[str, str]]:
    """Pair the instance's own and its series' UIDs before and after."""
    keywords = (
        "SOPInstanceUID",
        "SeriesInstanceUID",
        "StudyInstanceUID",
        "FrameOfReferenceUID",
    )
    return [(source[each].value, clean[each].value) for each in keywords if each in source]


def uids(dataset: Dataset) -> set[str]:
    """Return every UID of a data set that is not the standard's own."""
    found = {str(each.value) for each in dataset.iterall() if each.VR == "UI" and each.VM == 1}
    return {uid for uid in found if not uid.startswith("1.2.840.10008.")}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"999999"}, "CID 7050"),
        ({"longitudinal"}, "CID 7050"),
        ({"113106", "113107"}, "not both"),
    ],
)
def test_unknown_or_contradicting_options_are_refused(options: set[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        deid.deidentify(Dataset(), key=KEY, options=frozenset(options))
