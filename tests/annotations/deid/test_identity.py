"""Pseudonyms agree within a project and tell nothing outside it."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from annotations.deid import identity
from tests.annotations.deid.planting import KEY

UIDS = st.lists(st.integers(0, 10**9), min_size=3, max_size=6).map(
    lambda parts: "1.2." + ".".join(str(each) for each in parts)
)


def person(name: str) -> Dataset:
    found = Dataset()
    found.PatientID = name
    return found


@given(uid=UIDS)
def test_a_new_uid_is_valid_and_another_key_gives_another(uid: str) -> None:
    found = identity.new_uid(uid, KEY)

    assert found == identity.new_uid(uid, KEY)
    assert found.startswith("2.25.")
    assert len(found) <= 64
    assert found != identity.new_uid(uid, b"another key of this length......")


@given(uids=st.sets(UIDS, min_size=2, max_size=20))
def test_different_uids_stay_different(uids: set[str]) -> None:
    assert len({identity.new_uid(uid, KEY) for uid in uids}) == len(uids)


def test_uids_of_the_standard_stay_and_what_only_begins_like_one_does_not() -> None:
    assert identity.new_uid("1.2.840.10008.1.2.1", KEY) == "1.2.840.10008.1.2.1"
    for disguised in ("1.2.840.10008.SMITH^JOHN", "1.2.840.10008.1.19631103"):
        assert identity.new_uid(disguised, KEY).startswith("2.25.")


def test_another_process_gives_the_same_uid() -> None:
    code = f"from annotations.deid import identity; print(identity.new_uid('1.2.3', {KEY!r}))"

    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": "."},
    )

    assert found.stdout.strip() == identity.new_uid("1.2.3", KEY)


def test_days_are_the_same_for_one_patient_and_differ_between_patients() -> None:
    days = [identity.shift_days(person(f"patient {number}"), KEY) for number in range(20)]

    assert identity.shift_days(person("patient 7 "), KEY) == days[7]
    assert len(set(days)) > 15
    assert all(1 <= each <= 3650 for each in days)


def test_a_patient_id_of_another_case_or_padding_is_one_subject_only_by_padding() -> None:
    assert identity.subject_key(person("A1 "), key=KEY) == identity.subject_key(
        person("A1"), key=KEY
    )
    assert identity.subject_key(person("a1"), key=KEY) != identity.subject_key(
        person("A1"), key=KEY
    )


def test_a_file_that_names_nobody_has_no_subject() -> None:
    assert identity.subject_key(Dataset(), key=KEY) == ""


@pytest.mark.parametrize("key", [b"", "a text of thirty-two characters.."])
def test_an_unfit_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="secret key, as bytes"):
        identity.subject_key(person("A1"), key=key)
