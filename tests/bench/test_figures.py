"""Medians, ratios and verdicts of the benchmark."""

import pytest

from bench.figures import TARGETS, Target, added, find, percentile


def test_a_target_is_met_on_its_own_side() -> None:
    most, least = Target("time", "a", 1.3), Target("rate", "a", 0.7, at_least=True)

    assert [most.met(1.3), most.met(1.31)] == [True, False]
    assert [least.met(0.7), least.met(0.69)] == [True, False]


def test_percentiles_lie_between_the_values() -> None:
    values = [float(number) for number in range(101)]

    assert percentile(values, 99) == pytest.approx(99)
    assert percentile([5.0, 5.0], 50) == 5


def test_what_an_arm_adds_is_between_medians() -> None:
    assert added([3, 100, 4], [1, 2, 90]) == 2


def test_a_number_is_found_by_its_path_or_not_at_all() -> None:
    numbers = {"one": {"ratio": {"append": 1.25}, "text": "fast"}}

    assert find(numbers, "one.ratio.append") == 1.25
    assert find(numbers, "one.ratio.insert") is None
    assert find(numbers, "one.text") is None
    assert find(numbers, "one.ratio.append.more") is None


def test_every_target_has_its_own_place() -> None:
    assert len({target.path for target in TARGETS}) == len(TARGETS)
