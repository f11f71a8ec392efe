"""Streams of more entries than one tile of the second level holds: 65,536."""

import hashlib
import struct
from io import BytesIO
from typing import Any

import pytest

from ledger.verifier.archive import Archive
from ledger.verifier.blocks import tile_name
from ledger.verifier.files import Files
from ledger.verifier.findings import Findings
from ledger.verifier.hashes import first_prev, origin_id
from ledger.verifier.manifest import ListedStream
from ledger.verifier.stream import StreamCheck
from tests.ledger.verifier.world import P1, archive

FULL, SIZE = 1 << 16, (1 << 16) + 300


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def sealed() -> tuple[list[bytes], list[bytes]]:
    """Return the leaves of entries whose bodies are erased, two at a time, and their hashes."""
    stream = origin_id(P1)
    prev, leaves, hashes = first_prev(stream), [], []
    for seq in range(SIZE):
        leaf = (
            b"ledger/v1\n"
            + stream
            + struct.pack(">QQ", seq, 1000 + seq // 2)
            + prev
            + bytes(32)
        )
        prev = digest(b"\0" + leaf)
        leaves.append(leaf)
        hashes.append(prev)
    return leaves, hashes


def root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return digest(b"\1" + root(hashes[:split]) + root(hashes[split:]))


LEAVES, HASHES = sealed()
LISTED = ListedStream(P1, SIZE, bytes(32), included=True, checkpoints=())
FOLDER = f"streams/{LISTED.id}/"


def files() -> dict[str, bytes]:
    made = {}
    for number in range(SIZE // 256 + 1):
        block = LEAVES[256 * number : 256 * number + 256]
        name = tile_name(number, len(block))
        made[f"tile/entries/{name}"] = b"".join(b"\0\x6a" + leaf for leaf in block)
        made[f"bodies/{name}"] = bytes(len(block))
        made[f"tile/0/{name}"] = b"".join(HASHES[256 * number : 256 * number + 256])
    blocks = [root(HASHES[at : at + 256]) for at in range(0, FULL + 256, 256)]
    made["tile/1/000"] = b"".join(blocks[:256])
    made["tile/1/001.p/1"] = blocks[256]
    made["tile/2/000.p/1"] = root(HASHES[:FULL])
    return {FOLDER + path: content for path, content in made.items()}


GOOD = files()


class Nothing:
    def take(self, origin: str, seq: int, event: Any) -> None:
        raise AssertionError(seq)


def checked(changes: dict[str, bytes]) -> Any:
    found, members = Findings(), sorted((GOOD | changes).items())
    check = StreamCheck(LISTED, Files(Archive(BytesIO(archive(members))), found), Nothing())
    return check.run({1, 257, FULL, FULL + 1, SIZE}, hashes_only=True)


def test_a_tall_stream_is_good_and_its_roots_are_those_of_its_entries() -> None:
    told = checked({})
    assert told.findings.all() == []
    assert told.size == SIZE
    assert told.roots == {n: root(HASHES[:n]) for n in (1, 257, FULL, FULL + 1, SIZE)}
    assert len(told.blank) == SIZE


@pytest.mark.parametrize(
    ("path", "at", "seq"),
    [
        ("tile/1/000", 32 * 7 + 31, 7 * 256),
        ("tile/1/000", 32 * 255, 255 * 256),
        ("tile/1/001.p/1", 0, FULL),
        ("tile/2/000.p/1", 5, 0),
        ("tile/0/256", 32 * 3, FULL + 3),
    ],
)
def test_a_changed_tile_is_found_at_its_first_entry(path: str, at: int, seq: int) -> None:
    content = GOOD[FOLDER + path]
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    told = checked({FOLDER + path: changed})
    assert [(f.code, f.seq) for f in told.findings.all()] == [("L206", seq)]


@pytest.mark.parametrize(
    ("at", "change", "codes"),
    [
        (0, b"\1", {("L201", FULL + 4)}),
        (2, b"x", {("L201", FULL + 4), ("L203", FULL + 5)}),
        (12, b"x", {("L201", FULL + 4), ("L203", FULL + 5)}),
        (36, b"\x80", {("L203", FULL + 5), ("L204", FULL + 4), ("L204", FULL + 5)}),
        (42, b"\0\0", {("L203", FULL + 5), ("L204", FULL + 4)}),
        (44, b"x" * 32, {("L203", FULL + 4), ("L203", FULL + 5)}),
        (76, b"x" * 32, {("L203", FULL + 5)}),
    ],
    ids=["length", "version", "stream", "time beyond", "time back", "link", "commitment"],
)
def test_a_changed_leaf_is_found_at_its_entry(
    at: int, change: bytes, codes: set[tuple[str, int]]
) -> None:
    path = FOLDER + "tile/entries/256"
    place = 4 * 108 + at
    changed = GOOD[path][:place] + change + GOOD[path][place + len(change) :]
    found = {(f.code, f.seq) for f in checked({path: changed}).findings.all()}
    assert {(code, seq) for code, seq in found if code != "L206"} == codes
