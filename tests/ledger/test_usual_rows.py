"""The short way through rows takes what the careful way finds without fault, nothing else."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import hashing
from ledger.copied_rows import BODY, LENGTHS, USUAL, fields
from ledger.segments import Checked, Row, Segment, check_rows
from ledger.usual_rows import Before, judge

ORIGIN = "example.org/ledger/p/1"
STREAM = 7
STREAM_ID = hashing.origin_id(ORIGIN)
FIRST = Before(0, 0, hashing.first_prev(STREAM_ID))


def rows(count: int) -> list[bytes]:
    """Return the messages of a good stream; two entries share each time."""
    made, prev = [], FIRST.hash
    for seq in range(count):
        salt, body, time = bytes([seq]) * 16, b"{" + b"x" * (seq % 5) + b"}", 1000 + seq // 2
        committed = hashing.commitment(salt, body)
        leaf = hashing.leaf(STREAM_ID, seq, time, prev, committed)
        prev = hashing.leaf_hash(leaf)
        values = (seq, time, committed, prev, STREAM, salt)
        pairs = [part for pair in zip(LENGTHS[1:], values, strict=True) for part in pair]
        made.append(USUAL.pack(LENGTHS[0], *pairs, len(body)) + body)
    return made


def carefully(messages: list[bytes]) -> Checked | None:
    """Check each row by itself; None for what is no row."""
    taken = []
    for message in messages:
        try:
            seq, time, committed, digest, stream, salt, body = fields(message)
            (number,) = struct.unpack(">q", seq or b"")
            (sealed_us,) = struct.unpack(">q", time or b"")
            of = struct.unpack(">i", stream)[0] if stream else None
            taken.append(
                Row(number, sealed_us, committed or b"", digest or b"", of, salt, body)
            )
        except (ValueError, struct.error):
            return None
    segment = Segment(STREAM, ORIGIN, 0, len(messages), hashes_only=True)
    return check_rows(segment, taken)


def is_good(messages: list[bytes]) -> bool:
    checked = carefully(messages)
    return checked is not None and not checked.faults and not checked.blank


def test_good_rows_are_taken_with_their_times_and_hashes() -> None:
    messages = rows(9)

    usual = judge(messages, STREAM, STREAM_ID, FIRST)

    assert usual is not None
    assert usual.times == tuple(1000 + seq // 2 for seq in range(9))
    assert [*usual.hashes] == [fields(message)[3] for message in messages]
    assert is_good(messages)


@pytest.mark.parametrize("place", range(2 * (BODY + 3)))
def test_a_flipped_bit_anywhere_is_left_to_the_careful_way(place: int) -> None:
    messages = rows(3)
    row, at = 1 + place % 2, place // 2
    if at >= len(messages[row]):
        return
    changed = bytearray(messages[row])
    changed[at] ^= 1
    messages[row] = bytes(changed)

    assert not is_good(messages)
    assert judge(messages, STREAM, STREAM_ID, FIRST) is None


@given(st.data())
def test_both_ways_agree_on_whatever_is_made_of_a_stream(data: Any) -> None:
    messages = rows(data.draw(st.integers(1, 6), label="rows"))
    places = st.integers(0, len(messages) - 1)
    for _ in range(data.draw(st.integers(0, 2), label="changes")):
        at, to = data.draw(places), data.draw(places)
        match data.draw(st.sampled_from(["cut", "longer", "swap", "repeat", "null"])):
            case "cut":
                messages[at] = messages[at][: data.draw(st.integers(0, len(messages[at])))]
            case "longer":
                messages[at] += b"}"
            case "swap":
                messages[at], messages[to] = messages[to], messages[at]
            case "repeat":
                messages[at] = messages[to]
            case "null":
                messages[at] = messages[at][: BODY - 4] + b"\xff\xff\xff\xff"

    assert (judge(messages, STREAM, STREAM_ID, FIRST) is not None) == is_good(messages)


@pytest.mark.parametrize(
    "before",
    [
        FIRST._replace(seq=1),
        FIRST._replace(time=1001),
        FIRST._replace(hash=bytes(32)),
    ],
)
def test_rows_must_follow_the_one_before(before: Before) -> None:
    assert judge(rows(3), STREAM, STREAM_ID, before) is None
    assert judge(rows(3), STREAM + 1, STREAM_ID, FIRST) is None
    assert judge(rows(3), STREAM, bytes(16), FIRST) is None
