"""Canonical JSON, checked strictly: these bytes are the one form of their value (RFC 8785)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BODY = 1 << 20
MAX_DEPTH = 32
MAX_INTEGER = (1 << 53) - 1
_JSON_KEY = re.compile(r"[!#-\[\]-~]{1,64}\Z")
MAX_KNOWN_KEYS = 4096
# Keys of the right form, which come again and again; more are added as they are met.
known_keys = {"actor", "at", "event", "origin", "payload", "schema", "subject"}


class JsonError(ValueError):
    """These bytes are not JSON in the canonical form."""


def _read_integer(digits: str) -> int:
    # Before int(): thousands of digits take quadratic time, or are an error of their own.
    if len(digits) > 17:
        raise JsonError("An integer is beyond 2^53 - 1.")
    return int(digits)


def _refuse_number(text: str) -> NoReturn:
    raise JsonError("A number is not an integer.")


JSON_DECODER = json.JSONDecoder(
    parse_int=_read_integer, parse_float=_refuse_number, parse_constant=_refuse_number
)
JSON_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)


def _take_object(value: dict[str, Any]) -> dict[str, Any]:
    """Check an object's keys while it is read."""
    if not value.keys() <= known_keys:
        _check_keys(value)
        if len(known_keys) + len(value) <= MAX_KNOWN_KEYS:
            known_keys.update(value)
    return value


def _take_integer(digits: str) -> int:
    value = _read_integer(digits)
    check_value(value)
    return value


_QUICK_DECODER = json.JSONDecoder(
    object_hook=_take_object,
    parse_int=_take_integer,
    parse_float=_refuse_number,
    parse_constant=_refuse_number,
)


def loads(content: bytes) -> Any:
    """Return the value of JSON in UTF-8; raise JsonError.  The form is not checked."""
    try:
        return JSON_DECODER.decode(content.decode())
    except JsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonError(f"This is not JSON in UTF-8: {type(error).__name__}.") from None


def read_object(content: bytes, limit: int = MAX_BODY) -> dict[str, Any]:
    """Return the object whose canonical bytes these are; raise JsonError for any others."""
    if len(content) > limit:
        raise JsonError(f"{len(content):,} bytes are too many.")
    value = quickly(content)
    return carefully(content) if value is None else value


def carefully(content: bytes) -> dict[str, Any]:
    """Do it step by step, and say what is wrong."""
    value = loads(content)
    if type(value) is not dict:
        raise JsonError("Canonical JSON is one object.")
    check_value(value)
    if dumps(value) != content:
        raise JsonError("The bytes are JSON, but not in the canonical form.")
    return value


def quickly(content: bytes) -> dict[str, Any] | None:
    """Do it in a third less time, or return None: then the careful way must decide.

    Few brackets are not too deep; U+0000 is always written as an escape.
    """
    if content.count(b"{") + content.count(b"[") > MAX_DEPTH or b"\\u0000" in content:
        return None
    try:
        text = content.decode()
        value, end = _QUICK_DECODER.raw_decode(text)
        good = type(value) is dict and end == len(text) and JSON_ENCODER.encode(value) == text
    except (ValueError, RecursionError):
        return None
    return value if good else None


def dumps(value: Any) -> bytes:
    """Return the canonical bytes of a value that `check_value` takes; raise JsonError."""
    try:
        return JSON_ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise JsonError("A text holds half of a surrogate pair.") from None


def check_value(value: Any, depth: int = 1) -> None:
    """Raise JsonError for a value that has no canonical form."""
    kind = type(value)
    if kind is str:
        if "\0" in value:
            raise JsonError("A text holds the character U+0000.")
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise JsonError("An integer is beyond 2^53 - 1.")
    elif kind is dict:
        _check_keys(value)
        _check_items(value.values(), depth)
    elif kind is list:
        _check_items(value, depth)


def _check_items(items: Iterable[Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise JsonError(f"The value is nested more than {MAX_DEPTH} levels deep.")
    for item in items:
        check_value(item, depth + 1)


def _check_keys(value: dict[str, Any]) -> None:
    for key in value:
        if not _JSON_KEY.match(key):
            raise JsonError("A key is not 1 to 64 printable ASCII characters.")


def iterate_list(text: str, start: int) -> Iterator[tuple[Any, int]]:
    """Yield each item of the canonical list that begins at `text[start]`, and the end after it.

    Keeps one item at a time; at last yields (None, end of the list).  Raises JsonError.
    """
    if text[start : start + 1] != "[":
        raise JsonError("A list is expected.")
    end = start + 1
    if text[end : end + 1] == "]":
        yield None, end + 1
        return
    while True:
        begin = end
        try:
            value, end = JSON_DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError) as error:
            raise JsonError(f"An item of a list is no JSON: {type(error).__name__}.") from None
        check_value(value, 3)
        if JSON_ENCODER.encode(value) != text[begin:end]:
            raise JsonError("An item of a list is not in the canonical form.")
        yield value, end
        follows = text[end : end + 1]
        end += 1
        if follows == "]":
            yield None, end
            return
        if follows != ",":
            raise JsonError("A list has no end.")
