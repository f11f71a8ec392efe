"""Windows by PS3.3 C.11.2.1.2."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.imaging.window import Window, brightness

FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


def window(center: float, width: float, function: str) -> Window:
    return Window(center=Decimal(str(center)), width=Decimal(str(width)), function=function)


@given(
    center=st.integers(-3000, 3000),
    width=st.integers(1, 5000),
    function=st.sampled_from(FUNCTIONS),
    values=st.lists(st.integers(-(2**15), 2**15), min_size=2, max_size=50),
)
def test_brightness_rises_with_the_value_and_stays_between_0_and_1(
    center: int, width: int, function: str, values: list[int]
) -> None:
    found = brightness(np.array(sorted(values), float), window(center, width, function))

    assert np.all(np.diff(found) >= 0)
    assert np.all((found >= 0) & (found <= 1))


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        # C.11.2.1.2.1 for c=2048, w=4096: 0 is the lowest, 4095 the highest
        ("LINEAR", 0, 0.0),
        ("LINEAR", 4095, 1.0),
        ("LINEAR", 2047.5, 0.5),
        ("LINEAR_EXACT", 0, 0.0),
        ("LINEAR_EXACT", 4096, 1.0),
        ("LINEAR_EXACT", 2048, 0.5),
        ("SIGMOID", 2048, 0.5),
        ("SIGMOID", 4096, 1 / (1 + np.exp(-2))),
    ],
)
def test_the_functions_follow_the_standard(
    function: str, value: float, expected: float
) -> None:
    found = brightness(np.array([value], float), window(2048, 4096, function))

    assert found[0] == pytest.approx(expected)


def test_a_window_one_wide_is_a_threshold() -> None:
    found = brightness(np.array([99.0, 100.0, 101.0]), window(100, 1, "LINEAR"))

    assert found.tolist() == [0.0, 1.0, 1.0]
