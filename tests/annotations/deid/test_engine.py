"""The acceptance checks on the walk: table, leaks, retained attributes, private ones, depth."""

import warnings
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from annotations import deid
from annotations.deid import table
from annotations.errors import ImageError
from tests.annotations.deid import planting
from tests.annotations.deid.planting import CANARY, DAY, KEY, UID_ROOT
from tests.annotations.images import DATA, below

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
KEPT = [
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
    *("Rows", "Columns", "BitsStored", "PixelRepresentation", "PhotometricInterpretation"),
    *("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "NumberOfFrames"),
    *("EchoTime", "RepetitionTime", "MagneticFieldStrength", "KVP", "Modality", "PixelData"),
    *("Manufacturer", "ManufacturerModelName", "BodyPartExamined"),
]
COLUMNS = {code: column for code, (_, column) in table.METHODS.items() if column}


def problem(row: dict[str, str], tag: int, level: Dataset) -> str | None:
    """Judge one attribute by its row, independently of the engine; None if all is well."""
    action = row["basic_profile"]
    if tag not in level:
        return None if "X" in action else f"{row['name']} is gone, not {action}"
    value = level[tag].value
    if action == "X":
        return f"{row['name']} is still there"
    if action in {"Z", "X/Z"} and not level[tag].is_empty:
        return f"{row['name']} is not empty"
    if action in {"D", "U"} and level[tag].is_empty:
        return f"{row['name']} is empty, not {action}"
    if str(value) == str(planting.value_for(tag)):
        return f"{row['name']} is unchanged"
    return None


def test_the_table_names_652_concrete_tags_of_which_648_stand_in_data_sets() -> None:
    assert len(planting.rows()) == 652
    assert len(planting.planted_level()) == 648


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_every_attribute_of_the_table_is_treated_as_it_says_at_three_depths(
    syntax: str,
) -> None:
    source = planting.read_back(planting.planted(), syntax)

    clean = deid.deidentify(source, key=KEY)

    wrong = [
        found
        for level in planting.levels(clean)
        for tag, row in planting.data_set_rows().items()
        if (found := problem(row, tag, level))
    ]
    assert wrong == []


@pytest.mark.parametrize("code", sorted(COLUMNS))
def test_an_option_keeps_what_its_column_says_and_nothing_else(code: str) -> None:
    source = planting.read_back(planting.planted())

    clean = deid.deidentify(source, key=KEY, options=frozenset({code}))

    wrong = [
        found
        for level in planting.levels(clean)
        for tag, row in planting.data_set_rows().items()
        if (found := problem_under(row[COLUMNS[code]], row, tag, level))
    ]
    assert wrong == []


def problem_under(action: str, row: dict[str, str], tag: int, level: Dataset) -> str | None:
    """Judge an attribute by an option's column: K keep, C clean, blank as the basic profile."""
    if not action:
        return problem(row, tag, level)
    if action == "C":
        found = str(level.get(tag, ""))
        return f"{row['name']} is not clean" if CANARY in found or DAY in found else None
    if tag not in level:
        return f"{row['name']} is gone"
    own_uid = tag == 0x00080018  # planted apart
    same = own_uid or level[tag].VR == "SQ" or sameness(level[tag].value, tag)
    return None if same else f"{row['name']} is changed"


def sameness(value: Any, tag: int) -> bool:
    return str(value) == str(planting.value_for(tag)) or value == planting.value_for(tag)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_no_planted_value_is_left_in_the_bytes(syntax: str) -> None:
    source = planting.read_back(planting.planted(), syntax)

    content = planting.written(deid.deidentify(source, key=KEY, options=deid.PROJECT_OPTIONS))

    for leak in (CANARY, DAY, UID_ROOT):
        assert leak.encode() not in content
        assert leak.encode("utf-16-le") not in content


@pytest.mark.parametrize("path", below("charset"))
def test_no_name_is_left_in_any_character_set(path: str) -> None:
    content = (DATA / path).read_bytes()
    source = pydicom.dcmread(DATA / path)
    names = raw_names(source)

    cleaned = planting.written(with_class(deid.deidentify(source, key=KEY)))

    assert any(name in content for name in names)
    assert not [name for name in names if name in cleaned]


def raw_names(source: Dataset) -> list[bytes]:
    """Return the encoded names, component groups apart, as they stand in the file."""
    found = []
    for element in source.iterall():
        values = element.value if element.VM > 1 else [element.value]
        for name in values if element.VR == "PN" else []:
            encoded = name.original_string or b""
            found += [each for each in encoded.split(b"=") if each]
    return found


def with_class(dataset: Dataset) -> Dataset:
    """Complete a data set so that it can be written as a file."""
    dataset.setdefault("SOPClassUID", "1.2.840.10008.5.1.4.1.1.7")
    dataset.setdefault("SOPInstanceUID", "1.2.3")
    return dataset


@pytest.mark.parametrize(
    "path",
    [
        "series/mr_brain_obl_20/brain_002.dcm",
        "enhanced/IM_0027_fMAP.dcm",
        "modality/CR/cxr.dcm",
    ],
)
def test_geometry_grey_scale_acquisition_and_pixels_stay(path: str) -> None:
    source = pydicom.dcmread(DATA / path)

    clean = deid.deidentify(source, key=KEY)

    kept = [each for each in KEPT if each in source and not source[each].is_empty]
    assert len(kept) >= 10
    for keyword in kept:
        assert clean[keyword].value == source[keyword].value, keyword
    for before, after in zip(per_frame(source), per_frame(clean), strict=True):
        place = "PlanePositionSequence"
        assert before[place][0].ImagePositionPatient == after[place][0].ImagePositionPatient


def per_frame(dataset: Dataset) -> list[Dataset]:
    return list(dataset.get("PerFrameFunctionalGroupsSequence") or [])


@pytest.mark.parametrize(
    "path",
    ["deid/nested_priv_SQ.dcm", "deid/UN_sequence.dcm", "modality/XA/jpeg_baseline_8bit.dcm"],
)
def test_no_private_attribute_is_left_at_any_depth(path: str) -> None:
    source = pydicom.dcmread(DATA / path)

    clean, counts = deid.deidentify_with_counts(source, key=KEY)

    assert [element for element in source.iterall() if element.tag.is_private]
    assert counts["private"] > 0
    assert not [element for element in clean.iterall() if element.tag.is_private]


def test_unlisted_attributes_go_by_their_vr() -> None:
    source = Dataset()
    source.add_new(0x00080081, "ST", "x")  # listed, for contrast
    source.PatientBirthDateInAlternativeCalendar = "Showa 38"  # unlisted text
    source.EvaluatorName = "Name^Some"  # unlisted name
    source.Manufacturer = "Maker"
    source.add_new(0x00091002, "LO", "creatorless private")
    source.add_new(0x00089999, "LO", "unknown to the dictionary")
    source.SamplesPerPixel = 1
    source.set_original_encoding(is_implicit_vr=False, is_little_endian=True)

    clean = deid.deidentify(source, key=KEY)

    assert clean.Manufacturer == "Maker"
    assert clean.SamplesPerPixel == 1
    assert clean.EvaluatorName == ""
    gone = (0x00080081, 0x00100033, 0x00091002, 0x00089999)
    assert not [tag for tag in gone if tag in clean]


def test_meanings_of_local_codes_are_blanked_and_of_standard_codes_kept() -> None:
    source = Dataset()
    local, standard = Dataset(), Dataset()
    local.CodeValue, local.CodingSchemeDesignator = "1", "99HOSP"
    local.CodeMeaning = "as Mr Smith asked"
    standard.CodeValue, standard.CodingSchemeDesignator = "T-D3000", "SRT"
    standard.CodeMeaning = "Chest"
    source.AnatomicRegionSequence = [local, standard]
    source.set_original_encoding(is_implicit_vr=False, is_little_endian=True)

    clean = deid.deidentify(source, key=KEY)

    meanings = [item.CodeMeaning for item in clean.AnatomicRegionSequence]
    assert meanings == ["ANONYMIZED", "Chest"]


def test_overlays_and_icons_go_as_a_whole() -> None:
    source = Dataset()
    source.add_new(0x60000010, "US", 512)
    source.add_new(0x60003000, "OW", b"burned")
    icon = Dataset()
    icon.Rows = 8
    source.IconImageSequence = [icon]
    source.set_original_encoding(is_implicit_vr=False, is_little_endian=True)

    assert not deid.deidentify(source, key=KEY).group_dataset(0x6000)
    assert "IconImageSequence" not in deid.deidentify(source, key=KEY)


def test_too_deep_a_nest_of_sequences_is_refused() -> None:
    source = Dataset()
    for _ in range(60):
        outer = Dataset()
        outer.ConceptCodeSequence = [source]
        source = outer
    source.set_original_encoding(is_implicit_vr=False, is_little_endian=True)

    with pytest.raises(ImageError, match="nested too deeply"):
        deid.deidentify(source, key=KEY)


def test_the_input_is_not_changed_and_shares_nothing_with_the_output() -> None:
    source = pydicom.dcmread(DATA / "enhanced/IM_0027_fMAP.dcm")
    before = planting.written(source)

    clean = deid.deidentify(source, key=KEY)
    clean.Rows = 1
    clean.PerFrameFunctionalGroupsSequence[0].clear()

    assert planting.written(source) == before


@pytest.mark.parametrize("path", below("hostile"))
def test_broken_input_gives_clean_output_or_a_refusal(path: str) -> None:
    source = parsed(path)
    if source is None:
        return
    maker = str(source.get("Manufacturer", ""))  # one file says the same as name and as maker
    names = {str(each.value) for each in names_in(source)} - {maker, ""}
    names = {name for name in names if len(name) > 5}

    try:
        clean = deid.deidentify(source, key=KEY, options=deid.PROJECT_OPTIONS)
    except ImageError:
        return

    assert not [element for element in clean.iterall() if element.tag.is_private]
    assert not [name for name in names if name in str(clean)]


def parsed(path: str) -> Any:
    """Return what pydicom makes of a file; None if it makes nothing (the reader refuses it)."""
    if "bomb" in path:
        return None  # refused before it is parsed: test_dicom
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pydicom.dcmread(DATA / path, force=True)
        except (NotImplementedError, ValueError, EOFError, OSError):
            return None


def names_in(source: Dataset) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [each for each in source.iterall() if each.VR == "PN" and each.value]
        except (NotImplementedError, ValueError, EOFError, KeyError, TypeError):
            return []
