"""What two JSON readers could understand differently is refused with a reason."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.strict_json import MAX_BYTES, MAX_DEPTH, strict_loads

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(
    allow_nan=False, allow_infinity=False
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_reads_what_any_json_writer_wrote(value: Any) -> None:
    assert strict_loads(json.dumps(value).encode()) == value
    assert strict_loads(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_answers_every_body_with_a_value_or_a_reason(body: bytes) -> None:
    with suppress(ValueError):
        strict_loads(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1, "a": 2}', "one name twice"),
        (b'[{"b": {"a": 1, "a": 1}}]', "one name twice"),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"[1e400]", "too large"),
        (b"9007199254740992", "beyond"),
        (b"1" * 5000, "beyond"),
        (rb'"\u0000"', "U+0000"),
        (rb'["\u0000"]', "U+0000"),
        (rb'{"\u0000": 1}', "U+0000"),
        (rb'{"a": [["\ud800"]]}', "half a surrogate"),
        (b'"\xff"', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"", "not JSON"),
        (b'{"a": 1} x', "line 1, column 10"),
        (b"[" * 100_000, "deeper"),
        (b'"' + b"x" * MAX_BYTES + b'"', "larger than 1 MiB"),
    ],
)
def test_refuses_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        strict_loads(body)


def test_depth_counts_brackets_outside_of_texts() -> None:
    nested = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert strict_loads(nested)
    assert strict_loads(rb'["\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]')
    with pytest.raises(ValueError, match="deeper than 32"):
        strict_loads(b"[" + nested + b"]")
