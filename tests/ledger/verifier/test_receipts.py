"""The entry that a receipt is about, as the bundle holds it."""

import struct
from io import BytesIO

from ledger.verifier.archive import Archive
from ledger.verifier.files import Files
from ledger.verifier.findings import Findings
from ledger.verifier.hashes import leaf_hash
from ledger.verifier.manifest import ListedStream
from ledger.verifier.receipts import hash_at
from tests.ledger.verifier.world import P1, archive

LEAVES = [bytes([n % 256, n // 256]) * 53 for n in range(300)]
LISTED = ListedStream(P1, 300, bytes(32), included=True, checkpoints=())
FOLDER = f"streams/{LISTED.id}/tile/entries/"


def files(second: bytes | None) -> Files:
    """Return the files of a stream of 300 entries, with these bytes for its second block."""
    framed = [struct.pack(">H", 106) + leaf for leaf in LEAVES]
    members = [(FOLDER + "000", b"".join(framed[:256]))]
    if second is not None:
        members.append((FOLDER + "001.p/44", second))
    return Files(Archive(BytesIO(archive(members))), Findings())


def test_each_entry_is_found_at_its_place() -> None:
    whole = files(b"".join(struct.pack(">H", 106) + leaf for leaf in LEAVES[256:]))
    for seq, leaf in enumerate(LEAVES):
        assert hash_at(whole, LISTED, seq) == leaf_hash(leaf)
    for absent in (300, 301, 511, 512, 1 << 50):
        assert hash_at(whole, LISTED, absent) is None


def test_an_entry_that_was_cut_off_is_not_there() -> None:
    framed = b"".join(struct.pack(">H", 106) + leaf for leaf in LEAVES[256:])
    for cut in (files(framed[: 10 * 108]), files(framed[: 11 * 108 - 1])):
        assert hash_at(cut, LISTED, 265) == leaf_hash(LEAVES[265])
        assert hash_at(cut, LISTED, 266) is None
    assert hash_at(files(None), LISTED, 256) is None
    assert hash_at(files(None), LISTED, 255) == leaf_hash(LEAVES[255])
