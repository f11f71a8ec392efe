"""DER: the shortest form alone is read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.verifier.der import (
    INTEGER,
    SEQUENCE,
    Der,
    DerError,
    der_int,
    der_oid,
    der_time,
    read_der,
    take_der,
)


def element(tag: int, content: bytes) -> Der:
    return Der(tag, content, b"")


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"\x04\0", b""),
        (b"\x04\1x", b"x"),
        (b"\x04\x7f" + b"x" * 127, b"x" * 127),
        (b"\x04\x81\x80" + b"x" * 128, b"x" * 128),
        (b"\x04\x82\1\0" + b"x" * 256, b"x" * 256),
    ],
)
def test_lengths(data: bytes, content: bytes) -> None:
    assert read_der(data) == Der(4, content, data)
    assert take_der(data + b"more") == (Der(4, content, data), b"more")
    with pytest.raises(DerError):
        read_der(data + b"\0")
    with pytest.raises(DerError):
        read_der(data[:-1])


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\x04", b"\x1f\0", b"\x3f\0", b"\x04\x80", b"\x04\x80x\0\0", b"\x04\x82\1"),
        *(b"\x04\x81\x7f" + b"x" * 127, b"\x04\x82\0\x80" + b"x" * 128),
        *(b"\x04\x85\0\0\0\0\1x", b"\x04\x84\xff\xff\xff\xff", b"\x04\x81", b"\x04\xff"),
        *(b"\x04\x82\x81", b"\x04\x83\x81\x81", b"\x04\xfe" + b"\xff" * 200),
    ],
)
def test_other_lengths_are_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        take_der(data)


def test_children() -> None:
    whole = read_der(b"\x30\5\2\1\7\4\0")
    assert [child.tag for child in whole.inside(SEQUENCE)] == [2, 4]
    assert whole.children()[0].bytes_of(INTEGER) == b"\7"
    with pytest.raises(DerError):
        whole.inside(0x31)
    with pytest.raises(DerError):
        whole.children()[0].bytes_of(4)
    with pytest.raises(DerError):
        read_der(b"\x30\2\2\1").children()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("2a864886f70d010702", "1.2.840.113549.1.7.2"),
        ("608648016503040201", "2.16.840.1.101.3.4.2.1"),
        ("550403", "2.5.4.3"),
        ("883703", "2.999.3"),
        ("27", "0.39"),
        ("28", "1.0"),
        ("4f", "1.39"),
        ("50", "2.0"),
    ],
)
def test_object_identifiers(content: str, told: str) -> None:
    assert der_oid(element(6, bytes.fromhex(content))) == told


@pytest.mark.parametrize("content", [b"", b"\x88"])
def test_no_object_identifiers(content: bytes) -> None:
    with pytest.raises(DerError):
        der_oid(element(6, content))
    with pytest.raises(DerError):
        der_oid(element(5, b"\1"))


@given(st.integers())
def test_integers(number: int) -> None:
    content = number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True)
    assert der_int(element(2, content)) == number


def test_no_integers() -> None:
    for wrong in (element(2, b""), element(4, b"\1")):
        with pytest.raises(DerError):
            der_int(wrong)


def test_times() -> None:
    for text in (b"20080506070809Z", b"20080506070809.1Z", b"20080506070809.123456789Z"):
        told = der_time(element(24, text))
        assert told == datetime(2008, 5, 6, 7, 8, 9, tzinfo=UTC)
        assert told.tzinfo is not None


@pytest.mark.parametrize(
    "text",
    [b"", b"Z", b"20080506070809", b"20080506070809+0100", b"20081306070809Z", b"080506070809Z",
     b"20080506070809.xZ", b"20080506070809.1", b"\xff0080506070809Z", b"200805060708Z"],
)  # fmt: skip
def test_no_times(text: bytes) -> None:
    with pytest.raises(DerError):
        der_time(element(24, text))
