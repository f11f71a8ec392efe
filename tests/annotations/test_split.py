"""Splits by subject."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import split as splits
from annotations.errors import InvalidSplitError
from annotations.split import SUBSETS, Split

codes = st.sets(st.integers(1, 99_999).map(lambda n: f"SUBJ-{n:04}"), max_size=200)
shares = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted)
some_split = shares.map(lambda cut: Split(cut[0], cut[1] - cut[0], 100 - cut[1]))


@given(codes, some_split, st.text(max_size=20))
def test_every_subject_is_in_exactly_one_subset(
    subjects: set[str], split: Split, seed: str
) -> None:
    subsets = splits.by_subject(subjects, split=split, seed=seed)

    assert set(subsets) == subjects
    assert set(subsets.values()) <= set(SUBSETS)


@given(codes, some_split)
def test_each_subset_is_less_than_one_subject_off_its_share(
    subjects: set[str], split: Split
) -> None:
    found = list(splits.by_subject(subjects, split=split, seed="s").values())

    for subset, part in zip(SUBSETS, split.parts, strict=True):
        assert abs(found.count(subset) * 100 - len(subjects) * part) < 100


@given(codes, some_split, st.randoms())
def test_neither_order_nor_repetition_counts(
    subjects: set[str], split: Split, random: Random
) -> None:
    given_twice = [*subjects, *subjects]
    random.shuffle(given_twice)

    assert splits.by_subject(given_twice, split=split, seed="s") == splits.by_subject(
        sorted(subjects), split=split, seed="s"
    )


@given(codes)
def test_the_seed_alone_decides_the_order(subjects: set[str]) -> None:
    half = Split(50, 0, 50)
    first = splits.by_subject(subjects, split=half, seed="a")

    assert first == splits.by_subject(subjects, split=half, seed="a")


def test_another_seed_gives_another_split() -> None:
    subjects = [f"SUBJ-{n:04}" for n in range(100)]
    half = Split(50, 0, 50)

    first = splits.by_subject(subjects, split=half, seed="a")

    assert first != splits.by_subject(subjects, split=half, seed="b")


def test_eighty_ten_ten_of_ten_subjects() -> None:
    subsets = splits.by_subject(
        [f"SUBJ-{n:04}" for n in range(10)], split=Split.parse("80:10:10"), seed="s"
    )

    assert sorted(subsets.values()) == ["test", *["train"] * 8, "validation"]


@pytest.mark.parametrize(
    "text",
    ["80:10", "80:10:11", "a:b:c", "", "-10:10:100", "80:10:10:0", "80.0:10:10", "８０:10:10"],
)
def test_what_is_no_split_is_refused(text: str) -> None:
    with pytest.raises(InvalidSplitError):
        Split.parse(text)
