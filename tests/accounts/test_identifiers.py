"""Which account names count as the same."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.identifiers import normalised, skeleton

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(NAMES)
@example("0\u00b4")  # the zero becomes an o, which joins the accent
def test_skeleton_of_a_skeleton_is_itself(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)


@given(NAMES)
def test_case_and_compatibility_forms_make_no_other_name(name: str) -> None:
    same = skeleton(normalised(name))

    assert skeleton(name) == same
    assert skeleton(unicodedata.normalize("NFKC", name)) == same
    assert skeleton(f"  {name}\u200b ") == same


@given(st.text("abcdefghijkmnopqrstuvwxyz23456789@.-_+", max_size=30))
def test_plain_names_differ_unless_they_look_alike(name: str) -> None:
    merged = name.replace("rn", "m").replace("vv", "w")

    assert skeleton(name) == merged


@pytest.mark.parametrize(
    "alike",
    [
        "аdmin@example.org",  # Cyrillic а
        "ADMIN@EXAMPLE.ORG",
        "ａｄｍｉｎ@example.org",  # full-width
        "adm\u200bin@example.org",  # zero-width space
        "admin@examp1e.org",  # digit one for l
        "adrnin@example.org",  # r n for m
        "admin@example.0rg",  # zero for o
        "𝐚𝐝𝐦𝐢𝐧@example.org",  # mathematical bold
    ],
)
def test_look_alikes_are_one_name(alike: str) -> None:
    assert skeleton(alike) == skeleton("admin@example.org")
