"""The one byte string that stands for a value: RFC 8785 JSON, restricted so that it is safe.

One object; keys of 1 to 64 printable ASCII characters without quote and backslash; strings
of any scalar values but U+0000, never normalised; integers within 2^53 - 1 of zero; true,
false and null; no fractions; at most 32 levels and 1 MiB.  Within these limits Python's own
serialiser writes exactly the bytes of RFC 8785.
"""

import json
import re
from functools import lru_cache
from typing import Any

from ledger.verifier.strict_json import MAX_BODY, MAX_DEPTH, MAX_INTEGER, JsonError, read_object

_CONTAINERS = frozenset({dict, list, tuple})
_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_KEY = re.compile(r"[!#-\[\]-~]{1,64}\Z")


class CanonicalError(ValueError):
    """These bytes, or this value, are not canonical JSON as the record needs it."""


def canonical(value: dict[str, Any]) -> bytes:
    """Return the canonical bytes of `value`; raise CanonicalError if it has none."""
    if type(value) is not dict:
        raise CanonicalError("Canonical JSON is one object.")
    _check(value, 1)
    text = _write(value)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise CanonicalError("A text holds half of a surrogate pair.") from None
    if len(content) > MAX_BODY:
        raise CanonicalError(f"{len(content):,} bytes are more than 1 MiB.")
    return content


def parse(content: bytes) -> dict[str, Any]:
    """Return the value of canonical bytes; raise CanonicalError for any other bytes."""
    try:
        return read_object(content)
    except JsonError as error:
        raise CanonicalError(str(error)) from None


@lru_cache(maxsize=4096)  # nearly every key is the name of an event's field
def _is_key(key: str) -> bool:
    return _KEY.match(key) is not None


def _check(value: Any, depth: int) -> None:
    """Refuse what has no canonical form in a container; exact types, since bool is an int."""
    if type(value) is dict:
        for key in value:
            if type(key) is not str or not _is_key(key):
                raise CanonicalError("A key is not 1 to 64 printable ASCII characters.")
        value = value.values()
    for item in value:
        if type(item) is str:
            if "\0" in item:
                raise CanonicalError("A text holds the character U+0000.")
        elif item is not None:
            _check_other(item, depth)


def _check_other(item: Any, depth: int) -> None:
    kind = type(item)
    if kind is int:
        if not -MAX_INTEGER <= item <= MAX_INTEGER:
            raise CanonicalError("An integer is beyond 2^53 - 1; write it as text.")
    elif kind in _CONTAINERS:
        if depth == MAX_DEPTH:
            raise CanonicalError(f"The value is nested more than {MAX_DEPTH} levels deep.")
        _check(item, depth + 1)
    elif kind is not bool:
        raise CanonicalError(f"A {kind.__name__} has no canonical form.")
