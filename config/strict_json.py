"""JSON from outside, read strictly: what two programs could read differently is refused."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1  # RFC 8259 §6: beyond it, programs disagree on the value


class StrictJSONParser(BaseParser):
    """Parse a request's body as `strict_loads` does; what it refuses is a 400."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return strict_loads(stream.read(MAX_BYTES + 1))
        except ValueError as error:
            raise ParseError(str(error)) from error


def strict_loads(body: bytes) -> Any:
    """Return the JSON value in `body`: UTF-8, at most 1 MiB, at most 32 levels deep.

    Raises ValueError, with what is wrong, also for a name given twice in one object, numbers
    that are not finite or not exact, U+0000 and half surrogates.
    """
    if len(body) > MAX_BYTES:
        raise ValueError("The body is larger than 1 MiB; send less at once.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"The body is not UTF-8: byte {error.start} is wrong.") from error
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_exact,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"The body is not JSON: {error.msg} at {where}.") from error
    _check_texts(value)
    return value


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser recurses into it."""
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"The body is nested deeper than {MAX_DEPTH} levels.")
        elif character in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("An object in the body gives one name twice.")
    return value


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name)
            _check_texts(item)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise ValueError("A text in the body holds U+0000, which cannot be stored.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError(
            "A text in the body holds half a surrogate pair, which is no character."
        )


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("A number in the body is too large.")
    return number


def _exact(digits: str) -> int:
    if len(digits) > len(str(MAX_INTEGER)) + 1 or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("A whole number in the body is beyond ±(2^53 - 1).")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")
