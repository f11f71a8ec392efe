"""Canonical JSON: the one form is taken, agreed with another library, and nothing else is."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.verifier import strict_json
from ledger.verifier.strict_json import JsonError, dumps, iterate_list, loads, read_object
from tests.ledger.verifier.world import DATA

VECTORS = json.loads((DATA / "canonical.json").read_text(encoding="utf-8"))
KEYS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\'),
    min_size=1,
    max_size=64,
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
)


@pytest.mark.parametrize("content", VECTORS["accept_hex"])
def test_vectors_are_taken(content: str) -> None:
    assert isinstance(read_object(bytes.fromhex(content)), dict)


@pytest.mark.parametrize("content", VECTORS["refuse_hex"])
def test_vectors_are_refused(content: str) -> None:
    with pytest.raises(JsonError):
        read_object(bytes.fromhex(content))


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"{}x",
        b"{}\0",
        nested(33),
        nested(200_000),
        b'{"a":' + b"[" * 200_000 + b"}",
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":' + b"1" * 5000 + b"}",
        b'{"a":-' + b"1" * 5000 + b"}",
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1E2}',
        b'{"":1}',
        b'{"a b":1}',
        b'{"a\\"b":1}',
        b'{"' + b"a" * 65 + b'":1}',
        b'{"a":"\\u0000"}',
        b'{"a":["\\u0000"]}',
        b'{"a":{"b":"\\ud800"}}',
        b'{"a":"' + b"x" * (1 << 20) + b'"}',
    ],
)
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(JsonError):
        read_object(content)


def test_the_limits_are_inside() -> None:
    for content in (
        nested(32),
        b'{"a":' + b"[" * 31 + b"]" * 31 + b"}",
        b'{"a":9007199254740991,"b":-9007199254740991}',
        b'{"' + b"~" * 64 + b'":"\x7f"}',
        b'{"a":"' + b"x" * ((1 << 20) - 8) + b'"}',
    ):
        assert dumps(read_object(content)) == content
    with pytest.raises(JsonError):
        read_object(b'{"a":' + b"[" * 32 + b"]" * 32 + b"}")
    assert read_object(b'{"a":"xx"}', limit=10) == {"a": "xx"}
    with pytest.raises(JsonError):
        read_object(b'{"a":"xx"}', limit=9)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_another_library_writes_the_same_bytes(value: dict[str, Any]) -> None:
    content = rfc8785.dumps(value)
    assert dumps(value) == content
    assert read_object(content) == value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), st.data())
def test_a_space_anywhere_is_refused_unless_it_is_text(
    value: dict[str, Any], data: st.DataObject
) -> None:
    content = dumps(value)
    at = data.draw(st.integers(0, len(content)))
    changed = content[:at] + b" " + content[at:]
    try:
        read = read_object(changed)
    except JsonError:
        return
    assert read != value


@given(st.binary(max_size=80))
def test_bytes_are_an_object_or_refused(content: bytes) -> None:
    try:
        assert dumps(read_object(content)) == content
    except JsonError:
        return


def test_any_json_can_be_read_where_its_form_does_not_count() -> None:
    assert loads(b' {"b": 1, "a": [true, null]} ') == {"b": 1, "a": [True, None]}
    for content in (b"1.5", b"\xff", b"{", b"[" * 200_000):
        with pytest.raises(JsonError):
            loads(content)


def test_lists_are_read_item_by_item() -> None:
    assert list(iterate_list("x[]y", 1)) == [(None, 3)]
    assert list(iterate_list('[{"a":1},2]', 0)) == [({"a": 1}, 8), (2, 10), (None, 11)]
    for text in (
        *("", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1 ,2]", "[ 1]", "[1.0]", "[1;2]"),
        *('["\\u0041"]', '["\\u0000"]', "[" * 100_000, "[9007199254740992]"),
        '[{"b":1,"a":2}]',
    ):
        with pytest.raises(JsonError):
            list(iterate_list(text, 0))


def outcome(content: bytes) -> Any:
    """Return what the careful way makes of these bytes: their value, or None."""
    try:
        return strict_json.carefully(content)
    except JsonError:
        return None


def written_otherwise(content: bytes, draw: st.DataObject) -> bytes:
    """Return the bytes with a few of them exchanged, taken out or put in."""
    changed = bytearray(content)
    for _ in range(draw.draw(st.integers(0, 3))):
        at = draw.draw(st.integers(0, len(changed)))
        put = draw.draw(st.sampled_from([*b' ,:"{}[]-0.eE\\/uu1\0\n\xc3\xff', *range(97, 103)]))
        changed[at : at + draw.draw(st.integers(0, 1))] = bytes([put])
    return bytes(changed)


@given(st.dictionaries(KEYS | TEXTS, VALUES, max_size=5), st.data())
def test_the_quick_way_takes_nothing_that_the_careful_way_refuses(
    value: dict[str, Any], draw: st.DataObject
) -> None:
    spaced = draw.draw(st.sampled_from([(",", ":"), (", ", ":"), (",", ": ")]))
    text = json.dumps(
        value,
        ensure_ascii=draw.draw(st.booleans()),
        sort_keys=draw.draw(st.booleans()),
        separators=spaced,
    )
    content = written_otherwise(text.encode(), draw)

    quick = strict_json.quickly(content)

    assert quick is None or quick == outcome(content)
    assert (quick is None) or dumps(quick) == content


@pytest.mark.parametrize("content", VECTORS["refuse_hex"])
def test_the_quick_way_refuses_the_vectors(content: str) -> None:
    assert strict_json.quickly(bytes.fromhex(content)) is None


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a":-0}',
        b'{"a":1} ',
        b' {"a":1}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\u00e9"}',
        b'{"a":"\\/"}',
        b'{"a b":1}',
        b'{"a":9007199254740992}',
        b'{"a":1.0}',
        b'{"a":"\xed\xa0\x80"}',
        nested(33),
    ],
)
def test_the_quick_way_leaves_out(content: bytes) -> None:
    assert strict_json.quickly(content) is None
    assert outcome(content) is None


def test_the_quick_way_is_the_usual_one() -> None:
    content = dumps({"at": "2026-01-01T00:00:00.000000Z", "payload": {"n": [1, "é \t", None]}})

    assert strict_json.quickly(content) == outcome(content) == read_object(content)


def test_strange_keys_do_not_pile_up() -> None:
    read_object(dumps({f"k{number}": number for number in range(20_000)}))
    for number in range(3 * strict_json.MAX_KNOWN_KEYS):
        read_object(b'{"n%d":1}' % number)

    assert len(strict_json.known_keys) <= strict_json.MAX_KNOWN_KEYS
