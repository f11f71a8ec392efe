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
from ledger.verifier.stream import CheckedStream, StreamCheck
from tests.ledger.verifier.world import P1, archive

FULL = 1 << 16


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def sealed(size: int) -> tuple[list[bytes], list[bytes]]:
    """Return the leaves of entries whose bodies are erased, two at a time, and their hashes."""
    stream = origin_id(P1)
    prev, leaves, hashes = first_prev(stream), [], []
    for seq in range(size):
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


class Stream:
    """A stream in a bundle, as files that can be changed."""

    def __init__(self, size: int) -> None:
        self.listed = ListedStream(P1, size, bytes(32), included=True, checkpoints=())
        self.leaves, self.hashes = sealed(size)
        self.files: dict[str, bytes] = {}
        for number in range((size + 255) // 256):
            block = self.leaves[256 * number : 256 * number + 256]
            name = tile_name(number, len(block))
            self.files[f"tile/entries/{name}"] = b"".join(b"\0\x6a" + leaf for leaf in block)
            self.files[f"bodies/{name}"] = bytes(len(block))
        row = self.hashes
        for level in range(3):
            for at in range(0, len(row), 256):
                name = tile_name(at // 256, len(row[at : at + 256]))
                self.files[f"tile/{level}/{name}"] = b"".join(row[at : at + 256])
            row = [root(row[at : at + 256]) for at in range(0, len(row) // 256 * 256, 256)]

    def flip(self, path: str, at: int) -> None:
        self.put(path, at, bytes([self.files[path][at] ^ 1]))

    def put(self, path: str, at: int, change: bytes) -> None:
        content = self.files[path]
        self.files[path] = content[:at] + change + content[at + len(change) :]

    def check(self, *sizes: int) -> CheckedStream:
        folder, found = f"streams/{self.listed.id}/", Findings()
        members = sorted((folder + path, content) for path, content in self.files.items())
        files = Files(Archive(BytesIO(archive(members))), found)
        return StreamCheck(self.listed, files, Nothing()).run(sizes, hashes_only=True)


class Nothing:
    def take(self, origin: str, seq: int, event: Any) -> None:
        raise AssertionError(seq)


def test_a_tall_stream_is_good_and_its_roots_are_those_of_its_entries() -> None:
    stream, sizes = Stream(FULL + 300), (1, 257, FULL, FULL + 1, FULL + 300)
    told = stream.check(*sizes)
    assert told.findings.all() == []
    assert told.size == FULL + 300
    assert told.roots == {n: root(stream.hashes[:n]) for n in sizes}
    assert len(told.blank) == FULL + 300


def test_a_changed_tile_is_found_at_its_first_entry() -> None:
    stream = Stream(FULL + 300)
    stream.flip("tile/1/000", 32 * 7 + 31)
    stream.flip("tile/1/000", 32 * 9)
    stream.flip("tile/1/001.p/1", 0)
    stream.flip("tile/2/000.p/1", 5)
    stream.flip("tile/0/256", 32 * 3)
    found = [(f.code, f.seq) for f in stream.check().findings.all()]
    assert found == [("L206", 0), ("L206", 7 * 256), ("L206", FULL), ("L206", FULL + 3)]


@pytest.mark.parametrize(
    ("at", "change", "codes"),
    [
        (0, b"\1", {("L201", 260)}),
        (2, b"x", {("L201", 260), ("L203", 261)}),
        (12, b"x", {("L201", 260), ("L203", 261)}),
        (28, b"\1", {("L202", 260), ("L202", 261), ("L203", 261)}),
        (36, b"\x80", {("L203", 261), ("L204", 260), ("L204", 261)}),
        (42, b"\0\0", {("L203", 261), ("L204", 260)}),
        (44, b"x" * 32, {("L203", 260), ("L203", 261)}),
        (76, b"x" * 32, {("L203", 261)}),
    ],
    ids=["length", "version", "stream", "number", "beyond", "back", "link", "commitment"],
)
def test_a_changed_leaf_is_found_at_its_entry(
    at: int, change: bytes, codes: set[tuple[str, int]]
) -> None:
    stream = Stream(300)
    stream.put("tile/entries/001.p/44", 4 * 108 + at, change)
    found = {(f.code, f.seq) for f in stream.check().findings.all()}
    assert {(code, seq) for code, seq in found if code != "L206"} == codes
