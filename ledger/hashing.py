r"""The bytes that are hashed, and the hash: every formula of the chain and the tree.

A leaf is 106 bytes: "ledger/v1\n", the stream's origin id, sequence number and sealing time
(both unsigned 64-bit, big-endian), the hash of the entry before it and the commitment to its
body.  Its hash is the RFC 6962 leaf hash, so that one hash serves the chain and the tree.
"""

import hashlib
import hmac
import struct
from ipaddress import IPv6Address, ip_address

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
BODY_PREFIX = b"\x02"
VERSION = b"ledger/v1\n"
NETWORK_LABEL = b"ledger/v1 network\n"
SALT_BYTES = 16
HASH_BYTES = 32
_PLACE = struct.Struct(">QQ")


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of `content` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def origin_id(origin: str) -> bytes:
    """Return the 16 bytes that stand for a stream's origin in each of its leaves."""
    return hashlib.sha256(origin.encode()).digest()[:16]


def commitment(salt: bytes, body: bytes) -> bytes:
    """Return the 32 bytes that bind an entry to its body without telling what it says."""
    return hashlib.sha256(BODY_PREFIX + salt + body).digest()


def leaf(stream_id: bytes, seq: int, sealed_us: int, prev: bytes, committed: bytes) -> bytes:
    """Return the 106 bytes of one leaf; `stream_id` is the origin's `origin_id`."""
    return VERSION + stream_id + _PLACE.pack(seq, sealed_us) + prev + committed


def leaf_hash(leaf_bytes: bytes) -> bytes:
    """Return an entry's hash, which is also its leaf hash in the tree (RFC 6962 §2.1)."""
    return hashlib.sha256(LEAF_PREFIX + leaf_bytes).digest()


def first_prev(stream_id: bytes) -> bytes:
    """Return what stands for the entry before the first one of a stream."""
    return hashlib.sha256(LEAF_PREFIX + VERSION + stream_id).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node of the tree (RFC 6962 §2.1)."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def network_digest(key: bytes, address: str) -> str:
    """Return the keyed digest that stands for a network address in the record.

    An IPv4 address written inside IPv6 counts as the IPv4 address it is.  Raises ValueError
    if `address` is no address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return hmac.new(key, NETWORK_LABEL + parsed.packed, hashlib.sha256).hexdigest()
