"""A small reader of DER (X.690): definite lengths in their shortest form, nothing else."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

SEQUENCE, SET, OCTETS, OID, INTEGER, GENERALIZED_TIME = 0x30, 0x31, 0x04, 0x06, 0x02, 0x18
CONTEXT_0 = 0xA0
_DER_TIME = re.compile(rb"([0-9]{14})(?:\.[0-9]+)?Z\Z")


class DerError(ValueError):
    """These bytes are not the DER that is expected here."""


class Der(NamedTuple):
    """One element: its tag, its content, and both with the length between them."""

    tag: int
    content: bytes
    whole: bytes

    def children(self) -> list[Der]:
        """Return the elements that the content of a constructed element consists of."""
        found, rest = [], self.content
        while rest:
            child, rest = take_der(rest)
            found.append(child)
        return found

    def inside(self, tag: int) -> list[Der]:
        """Return the children of an element that must have this tag."""
        if self.tag != tag:
            raise DerError(f"Tag {tag:#04x} is expected, not {self.tag:#04x}.")
        return self.children()

    def bytes_of(self, tag: int) -> bytes:
        """Return the content of an element that must have this tag."""
        if self.tag != tag:
            raise DerError(f"Tag {tag:#04x} is expected, not {self.tag:#04x}.")
        return self.content


def take_der(data: bytes) -> tuple[Der, bytes]:
    """Return the first element of `data`, and what follows it; raise DerError."""
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise DerError("An element has no length, or a long tag.")
    length, start = data[1], 2
    if length >= 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:start], "big")
        if length < 0x80 or data[2] == 0:
            raise DerError("A length is not in its shortest form.")
    if len(data) < start + length:
        raise DerError("An element ends too early.")
    whole = data[: start + length]
    return Der(data[0], whole[start:], whole), data[start + length :]


def read_der(data: bytes) -> Der:
    """Return the one element that `data` consists of; raise DerError."""
    found, rest = take_der(data)
    if rest:
        raise DerError("Something follows the last element.")
    return found


def der_oid(element: Der) -> str:
    """Return an object identifier in its dotted form."""
    content = element.bytes_of(OID)
    if not content or content[-1] & 0x80:
        raise DerError("An object identifier has another form.")
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def der_int(element: Der) -> int:
    """Return an integer."""
    content = element.bytes_of(INTEGER)
    if not content:
        raise DerError("An integer has no bytes.")
    return int.from_bytes(content, "big", signed=True)


def der_time(element: Der) -> datetime:
    """Return a GeneralizedTime in UTC; fractions of a second are cut off (RFC 3161 §2.4.2)."""
    matched = _DER_TIME.match(element.bytes_of(GENERALIZED_TIME))
    if matched is None:
        raise DerError("A time is not in UTC, or has another form.")
    try:
        return datetime.strptime(matched[1].decode() + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise DerError("A time is none.") from None
