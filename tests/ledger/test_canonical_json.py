"""Canonical JSON: one value, one byte string, and no other byte string is taken."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger.verifier.strict_json import MAX_BODY, MAX_DEPTH, MAX_INTEGER

VECTORS = json.loads(
    (Path(__file__).parents[1] / "data" / "ledger" / "canonical.json").read_text()
)

KEY_CHARACTERS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
keys = st.text(KEY_CHARACTERS, min_size=1, max_size=6)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
scalars = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | texts
values = st.dictionaries(
    keys,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=6,
    ),
    max_size=4,
)


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value: dict[str, Any]) -> None:
    assert ledger.canonical(value) == rfc8785.dumps(value)


@given(values)
def test_what_was_written_is_read_back(value: dict[str, Any]) -> None:
    assert ledger.parse(ledger.canonical(value)) == value


@given(values, st.data())
def test_a_changed_byte_is_another_value_or_refused(
    value: dict[str, Any], data: st.DataObject
) -> None:
    content = bytearray(ledger.canonical(value))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    try:
        changed = ledger.parse(bytes(content))
    except ledger.CanonicalError:
        return

    assert changed != value or type(changed) is not type(value)
    assert ledger.canonical(changed) == bytes(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_but_never_crash(content: bytes) -> None:
    with contextlib.suppress(ledger.CanonicalError):
        assert ledger.canonical(ledger.parse(content)) == content


@pytest.mark.parametrize("content", VECTORS["accept_hex"])
def test_published_good_bytes_are_taken(content: str) -> None:
    assert ledger.canonical(ledger.parse(bytes.fromhex(content))) == bytes.fromhex(content)


@pytest.mark.parametrize("content", VECTORS["refuse_hex"])
def test_published_bad_bytes_are_refused(content: str) -> None:
    with pytest.raises(ledger.CanonicalError):
        ledger.parse(bytes.fromhex(content))


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": 2**53},
        {"a": "\0"},
        {"a": "\ud800"},
        {"": 1},
        {"x" * 65: 1},
        {"é": 1},
        {1: "one"},
        {"a": b"bytes"},
        {"a": {1, 2}},
        [1],
        {"a": "x" * MAX_BODY},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(ledger.CanonicalError):
        ledger.canonical(value)


def test_depth_is_limited_exactly() -> None:
    def nested(levels: int) -> dict[str, Any]:
        value: Any = 1
        for _ in range(levels):
            value = {"a": value}
        return dict(value)

    ledger.canonical(nested(MAX_DEPTH))
    with pytest.raises(ledger.CanonicalError, match="levels"):
        ledger.canonical(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "content", [b'{"a":' + b"[" * 100_000, b'{"a":' + b"9" * 5_000 + b"}", b"\xff", b""]
)
def test_hostile_bytes_are_refused_not_a_crash(content: bytes) -> None:
    with pytest.raises(ledger.CanonicalError):
        ledger.parse(content)
