"""Every hash of the record: RFC 6962 §2.1, and 0x02 before what an entry commits to."""

from __future__ import annotations

import hashlib
import struct

HASH_BYTES = 32
VERSION_LINE = b"ledger/v1\n"
LEAF_BYTES = 106
LEAF = struct.Struct(">10s16sQQ32s32s")  # version, origin id, seq, sealed_us, prev, commitment
_PLACE = struct.Struct(">QQ")


def sha256(content: bytes) -> bytes:
    """Return the 32 bytes of SHA-256."""
    return hashlib.sha256(content).digest()


def origin_id(origin: str) -> bytes:
    """Return the 16 bytes that stand for a stream in its leaves and in paths."""
    return sha256(origin.encode())[:16]


def leaf_bytes(
    stream_id: bytes, seq: int, sealed_us: int, prev: bytes, committed: bytes
) -> bytes:
    """Return the 106 bytes of a leaf."""
    return VERSION_LINE + stream_id + _PLACE.pack(seq, sealed_us) + prev + committed


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of an entry, which is also that of its leaf in the tree."""
    return sha256(b"\0" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\1" + left + right)


def commitment_of(salt: bytes, body: bytes) -> bytes:
    """Return what binds an entry to its body."""
    return sha256(b"\2" + salt + body)


def first_prev(stream_id: bytes) -> bytes:
    """Return what stands for the entry before the first."""
    return sha256(b"\0" + VERSION_LINE + stream_id)
