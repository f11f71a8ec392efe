r"""The bytes that are hashed, and the hash: every formula of the chain and the tree.

A leaf is 106 bytes: "ledger/v1\n", the stream's origin id, sequence number and sealing time
(both unsigned 64-bit, big-endian), the hash of the entry before it and the commitment to its
body.  Its hash is the RFC 6962 leaf hash, so that one hash serves the chain and the tree.
"""

import hashlib
import hmac
from ipaddress import IPv6Address, ip_address

from ledger.verifier.hashes import (
    HASH_BYTES,
    first_prev,
    leaf_hash,
    node_hash,
    origin_id,
)
from ledger.verifier.hashes import VERSION_LINE as VERSION
from ledger.verifier.hashes import commitment_of as commitment
from ledger.verifier.hashes import leaf_bytes as leaf

__all__ = [
    "HASH_BYTES",
    "LEAF_PREFIX",
    "NODE_PREFIX",
    "SALT_BYTES",
    "VERSION",
    "commitment",
    "first_prev",
    "leaf",
    "leaf_hash",
    "network_digest",
    "node_hash",
    "origin_id",
    "sha256_hex",
]

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
NETWORK_LABEL = b"ledger/v1 network\n"
SALT_BYTES = 16


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of `content` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def network_digest(key: bytes, address: str) -> str:
    """Return the keyed digest that stands for a network address in the record.

    An IPv4 address written inside IPv6 counts as the IPv4 address it is.  Raises ValueError
    if `address` is no address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return hmac.new(key, NETWORK_LABEL + parsed.packed, hashlib.sha256).hexdigest()
