"""The short way through rows in which all is well: judged together, by whole columns.

Nothing is found out here but whether every row is as it should be; what is wrong with one that
is not, `ledger.segments` says.
"""

from __future__ import annotations

import hashlib
import struct
from itertools import repeat
from typing import NamedTuple

from ledger import hashing
from ledger.copied_rows import BODY, LENGTHS, USUAL

_LEAF = struct.Struct(">27sQQ32s32s")  # what is hashed: 0x00 and the 106 bytes of a leaf


class Before(NamedTuple):
    """What a row must follow: its number, and time and hash of the entry before it."""

    seq: int
    time: int
    hash: bytes


class Usual(NamedTuple):
    """Rows without a fault: times of sealing and hashes."""

    times: tuple[int, ...]
    hashes: tuple[bytes, ...]


def judge(messages: list[bytes], stream: int, stream_id: bytes, before: Before) -> Usual | None:
    """Recompute what rows promise; None unless each is as it should be and follows the last.

    `messages` are one row or more as PostgreSQL copies them.
    """
    if min(map(len, messages)) <= BODY:
        return None
    count = len(messages)
    n, a, seqs, b, times, c, committed, d, hashes, e, streams, f, salts, sizes = zip(
        *map(USUAL.unpack_from, messages), strict=True
    )
    if (
        any(
            column.count(length) != count
            for column, length in zip((n, a, b, c, d, e, f), LENGTHS, strict=True)
        )
        or streams.count(stream) != count
        or [size + BODY for size in sizes] != list(map(len, messages))
        or seqs != tuple(range(before.seq, before.seq + count))
        or before.time > times[0]
        or list(times) != sorted(times)
    ):
        return None
    digest = hashlib.sha256
    bodies = zip(salts, messages, strict=True)
    if [digest(b"\2" + salt + row[BODY:]).digest() for salt, row in bodies] != list(committed):
        return None
    head = hashing.LEAF_PREFIX + hashing.VERSION + stream_id
    linked = (before.hash, *hashes[:-1])
    leaves = map(_LEAF.pack, repeat(head), seqs, times, linked, committed)
    if [digest(leaf).digest() for leaf in leaves] != list(hashes):
        return None
    return Usual(times, hashes)
