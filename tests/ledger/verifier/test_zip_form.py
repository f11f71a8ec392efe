"""The bytes of every header, written out here by hand (APPNOTE 6.3 §4.3)."""

import pytest

from ledger.verifier.zip_form import archive_end, central_header, local_header

FULL = "ffffffff"
WIDE, NARROW = 0xFFFFFFFF, 0xFFFFFFFE


def u(value: int, size: int) -> str:
    return value.to_bytes(size, "little").hex()


def test_a_local_header() -> None:
    told = "504b0304 1400 0000 0000 0000 2100 04030201 feffffff feffffff 0300 0000 612f62"
    assert local_header("a/b", 0x01020304, NARROW) == bytes.fromhex(told)
    told = f"504b0304 2d00 0000 0000 0000 2100 04030201 {FULL * 2} 0100 1400 61 0100 1000"
    for size in (WIDE, WIDE + 1, 1 << 40):
        expected = bytes.fromhex(told + u(size, 8) * 2)
        assert local_header("a", 0x01020304, size) == expected


@pytest.mark.parametrize(
    ("size", "offset", "version", "shown", "extra"),
    [
        (5, 6, "1400", "05000000 05000000", ""),
        (NARROW, NARROW, "1400", "feffffff feffffff", ""),
        (WIDE, 6, "2d00", FULL * 2, "0100 1000" + u(WIDE, 8) * 2),
        (1 << 40, 6, "2d00", FULL * 2, "0100 1000" + u(1 << 40, 8) * 2),
        (5, WIDE, "2d00", "05000000 05000000", "0100 0800" + u(WIDE, 8)),
        (5, 1 << 40, "2d00", "05000000 05000000", "0100 0800" + u(1 << 40, 8)),
        (WIDE, 1 << 40, "2d00", FULL * 2, "0100 1800" + u(WIDE, 8) * 2 + u(1 << 40, 8)),
    ],
)
def test_a_record_of_the_directory(
    size: int, offset: int, version: str, shown: str, extra: str
) -> None:
    length = u(len(bytes.fromhex(extra)), 2)
    at = u(min(offset, WIDE), 4)
    told = (
        f"504b0102 {version[:2]}03 {version} 0000 0000 0000 2100 04030201 {shown} 0100 {length}"
    )
    told += f" 0000 0000 0000 0000a481 {at} 61 {extra}"
    assert central_header("a", 0x01020304, size, offset) == bytes.fromhex(told)


@pytest.mark.parametrize(
    ("count", "length", "offset", "wide"),
    [
        (3, 4, 5, False),
        (65_534, NARROW, NARROW, False),
        (65_535, 4, 5, True),
        (70_000, 4, 5, True),
        (3, WIDE, 5, True),
        (3, 1 << 40, 5, True),
        (3, 4, WIDE, True),
        (3, 4, 1 << 40, True),
    ],
)
def test_an_end(count: int, length: int, offset: int, wide: bool) -> None:
    told = ""
    if wide:
        told += f"504b0606 {u(44, 8)} 2d03 2d00 {u(0, 8)} {u(count, 8) * 2}"
        told += f"{u(length, 8)} {u(offset, 8)}"
        told += f"504b0607 {u(0, 4)} {u(offset + length, 8)} {u(1, 4)}"
    told += f"504b0506 0000 0000 {u(min(count, 65_535), 2) * 2}"
    told += f"{u(min(length, WIDE), 4)} {u(min(offset, WIDE), 4)} 0000"
    assert archive_end(count, length, offset) == bytes.fromhex(told)
