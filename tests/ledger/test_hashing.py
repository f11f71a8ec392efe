"""The bytes of the chain, against published vectors and their own laws."""

import json
from pathlib import Path

import pytest

from ledger import hashing

VECTORS = Path(__file__).parents[1] / "data" / "ledger"


@pytest.mark.parametrize("name", ["stream-5.json", "stream-300.json", "stream-org.json"])
def test_every_hash_of_a_published_stream_is_recomputed(name: str) -> None:
    stream = json.loads((VECTORS / name).read_text())
    stream_id = hashing.origin_id(stream["origin"])
    prev = hashing.first_prev(stream_id)

    for entry in stream["entries"]:
        salt, body = bytes.fromhex(entry["salt"]), entry["canonical"].encode()
        committed = hashing.commitment(salt, body)
        leaf = hashing.leaf(stream_id, entry["seq"], entry["sealed_us"], prev, committed)
        prev = hashing.leaf_hash(leaf)

        assert len(leaf) == 106
        assert (committed.hex(), prev.hex()) == (entry["commitment"], entry["hash"])


def test_an_address_inside_ipv6_counts_as_the_ipv4_address_it_is() -> None:
    assert hashing.network_digest(b"k", "::ffff:192.0.2.1") == hashing.network_digest(
        b"k", "192.0.2.1"
    )


def test_the_network_digest_needs_the_site_key() -> None:
    assert hashing.network_digest(b"a", "192.0.2.1") != hashing.network_digest(
        b"b", "192.0.2.1"
    )


def test_something_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        hashing.network_digest(b"k", "reading room 2")
