"""Blocks of 256 entries: how many there are, and the framing of their bodies."""

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.verifier.blocks import Block, FramingError, blocks_of, commitments_of, read_bodies
from ledger.verifier.hashes import commitment_of

MIB = 1 << 20
SALT = bytes(range(16))


def record(body: bytes, salt: bytes = SALT) -> bytes:
    return b"\1" + salt + struct.pack(">I", len(body)) + body


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def test_a_stream_has_as_many_blocks_as_it_needs() -> None:
    assert list(blocks_of(0)) == []
    assert list(blocks_of(1)) == [Block(0, 0, 1)]
    assert list(blocks_of(256)) == [Block(0, 0, 256)]
    assert list(blocks_of(257)) == [Block(0, 0, 256), Block(1, 256, 1)]
    assert list(blocks_of(700))[-1] == Block(2, 512, 188)


@given(
    st.lists(st.binary(max_size=9) | st.sampled_from([0, 2]), min_size=1), st.integers(1, 60)
)
def test_bodies_are_read_wherever_their_bytes_are_cut(
    told: list[bytes | int], size: int
) -> None:
    content, expected = b"", []
    for index, one in enumerate(told):
        if isinstance(one, bytes):
            content += record(one)
            expected.append((index, 1, SALT, one))
        else:
            content += bytes([one])
            expected.append((index, one, b"", b""))
    assert list(read_bodies(cut(content, size), len(told))) == expected


@pytest.mark.parametrize("size", [1, 7, 21, 22, 60, 1 << 18])
@pytest.mark.parametrize(
    ("content", "width", "index"),
    [
        (b"", 1, 0),
        (record(b"one"), 2, 1),
        (record(b"one")[:-1], 1, 0),
        (record(b"one") + record(b"two")[:20], 2, 1),
        (record(b"one") + b"\1", 2, 1),
        (record(b"one") + b"\3", 2, 1),
        (record(b"one") + b"\0", 1, 0),
        (b"\0\2" + record(b"one") + b"\0", 3, 2),
        (b"\0\0" + b"\1" + SALT + struct.pack(">I", MIB + 1), 3, 2),
    ],
)
def test_other_framing_is_found_at_its_entry(
    content: bytes, width: int, index: int, size: int
) -> None:
    with pytest.raises(FramingError) as found:
        list(read_bodies(cut(content, size), width))
    assert found.value.index == index
    assert commitments_of(content, width) is None


def test_a_body_has_at_most_one_mebibyte() -> None:
    body = bytes(MIB)
    [(_, _, _, read)] = read_bodies(cut(record(body), 1 << 18), 1)
    assert read == body
    assert commitments_of(record(body), 1) == [commitment_of(SALT, body)]
    assert commitments_of(record(body + b"x"), 1) is None
    with pytest.raises(FramingError):
        list(read_bodies(cut(record(body + b"x"), 1 << 18), 1))


@given(st.lists(st.tuples(st.binary(max_size=40), st.binary(min_size=16, max_size=16))))
def test_what_bodies_commit_to(told: list[tuple[bytes, bytes]]) -> None:
    content = b"".join(record(body, salt) for body, salt in told)
    expected = [commitment_of(salt, body) for body, salt in told]
    assert commitments_of(content, len(told)) == expected
    assert commitments_of(content + b"\0", len(told)) is None
    assert commitments_of(content + b"\0", len(told) + 1) is None
    assert commitments_of(content + b"\2" + bytes(20), len(told) + 1) is None
