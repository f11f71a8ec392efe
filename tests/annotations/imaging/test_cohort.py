"""Coarse facts: in bins, and missing is said."""

import pydicom
import pytest
from pydicom.dataset import Dataset

from annotations.imaging import cohort
from tests.annotations.images import DATA


def person(**values: str) -> Dataset:
    found = Dataset()
    for keyword, value in values.items():
        setattr(found, keyword, value)
    return found


@pytest.mark.parametrize(
    ("values", "band"),
    [
        ({"PatientAge": "034Y"}, "30-39"),
        ({"PatientAge": "018M"}, "0-9"),
        ({"PatientAge": "093Y"}, "90+"),
        ({"PatientBirthDate": "19500102", "StudyDate": "20000101"}, "40-49"),
        ({"PatientBirthDate": "20010101", "StudyDate": "20000101"}, "missing"),
        ({}, "missing"),
    ],
)
def test_ages_are_in_bins(values: dict[str, str], band: str) -> None:
    assert cohort.described(person(**values))["age_band"] == band


def test_a_sex_of_no_known_value_is_invalid_not_guessed() -> None:
    assert cohort.described(person(PatientSex="F"))["sex"] == "F"
    assert cohort.described(person(PatientSex="U"))["sex"] == "invalid"
    assert cohort.described(person())["sex"] == "missing"


def test_names_of_makers_are_normalised() -> None:
    found = cohort.described(pydicom.dcmread(DATA / "series/ct_head_small_93/CTHead1.dcm"))

    assert found["manufacturer"] == "GE MEDICAL SYSTEMS"
