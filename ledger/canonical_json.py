"""The one byte string that stands for a value: RFC 8785 JSON, restricted so that it is safe.

One object; keys of 1 to 64 printable ASCII characters without quote and backslash; strings
of any scalar values but U+0000, never normalised; integers within 2^53 - 1 of zero; true,
false and null; no fractions; at most 32 levels and 1 MiB.  Within these limits Python's own
serialiser writes exactly the bytes of RFC 8785.
"""

import json
import re
from typing import Any

from ledger.verifier.strict_json import MAX_BODY, MAX_DEPTH, MAX_INTEGER, JsonError, read_object

_KEY = re.compile(r"[!#-\[\]-~]{1,64}\Z")


class CanonicalError(ValueError):
    """These bytes, or this value, are not canonical JSON as the record needs it."""


def canonical(value: dict[str, Any]) -> bytes:
    """Return the canonical bytes of `value`; raise CanonicalError if it has none."""
    if not isinstance(value, dict):
        raise CanonicalError("Canonical JSON is one object.")
    _check(value, 1)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
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


def _check(value: Any, depth: int) -> None:
    """Refuse whatever has no canonical form; exact types, since bool is an int."""
    kind = type(value)
    if kind is str:
        if "\0" in value:
            raise CanonicalError("A text holds the character U+0000.")
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise CanonicalError("An integer is beyond 2^53 - 1; write it as text.")
    elif kind in (dict, list, tuple):
        _check_container(value, depth)
    elif kind is not bool and value is not None:
        raise CanonicalError(f"A {kind.__name__} has no canonical form.")


def _check_container(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise CanonicalError(f"The value is nested more than {MAX_DEPTH} levels deep.")
    if type(value) is dict:
        for key in value:
            if type(key) is not str or not _KEY.match(key):
                raise CanonicalError("A key is not 1 to 64 printable ASCII characters.")
        value = value.values()
    for item in value:
        _check(item, depth + 1)
