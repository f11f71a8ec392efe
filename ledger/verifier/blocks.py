"""Where a stream's blocks of 256 entries lie in a bundle (C2SP tlog-tiles); their framing."""

from __future__ import annotations

import hashlib
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from ledger.verifier.hashes import LEAF_BYTES
from ledger.verifier.strict_json import MAX_BODY
from ledger.verifier.tree import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.verifier.archive import Member
    from ledger.verifier.files import Files

RECORD_BYTES = 2 + LEAF_BYTES  # of an entry bundle: u16 length, leaf
LEAF_RECORD = struct.Struct(">H10s16sQQ32s32s")
BODY_PRESENT, BODY_ERASED, BODY_WITHHELD = 1, 0, 2
_U32 = struct.Struct(">I")
_BODY_HEAD = struct.Struct(">B16sI")
_TILE_PLACE = re.compile(
    r"(?:tile/entries|bodies|tile/(0|[1-9]))/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/[0-9]{1,3})?\Z"
)


class Block(NamedTuple):
    """Block `number` of a stream of `size` entries: its first entry, and how many it has."""

    number: int
    start: int
    width: int


class FramingError(ValueError):
    """The bodies of a block are not framed as they should be from entry `index` on."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index


def blocks_of(size: int) -> Iterator[Block]:
    """Yield the blocks of a stream in order."""
    for number in range((size + BLOCK - 1) // BLOCK):
        start = number * BLOCK
        yield Block(number, start, min(BLOCK, size - start))


def tile_name(number: int, width: int) -> str:
    """Return the path of a tile below its level: groups of three digits, `.p/W` if partial."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    name = "/".join(groups)
    return name if width == BLOCK else f"{name}.p/{width}"


def is_block_place(path: str, size: int) -> bool:
    """Tell whether `path`, below a stream's folder, is that of one of its blocks or tiles."""
    matched = _TILE_PLACE.match(path)
    if matched is None:
        return False
    level = int(matched[1]) if matched[1] else 0
    number = int(matched[2].replace("x", "").replace("/", ""))
    count = size >> 8 * level
    width = min(BLOCK, count - number * BLOCK)
    return width > 0 and path == matched[0][: matched.start(2)] + tile_name(number, width)


def read_leaves(files: Files, path: str, width: int) -> tuple[bytes, int] | None:
    """Return at most `width` whole leaf records and the file's length, or None."""
    member = files.place(path)
    if member is None:
        return None
    content = b"".join(_beginning(files, member, width * RECORD_BYTES))
    return content[: len(content) - len(content) % RECORD_BYTES], member.size


def _beginning(files: Files, member: Member, length: int) -> Iterator[bytes]:
    for chunk in files.chunks(member):
        if length > 0:
            yield chunk[:length]
        length -= len(chunk)


def read_bodies(chunks: Iterator[bytes], width: int) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield index, kind, salt and body of each record; hold one chunk and one body at a time.

    Raises FramingError where a record has another form, is missing or superfluous.
    """
    index, content = 0, b""
    for chunk in chunks:
        content += chunk
        at = 0
        while at < len(content) and index < width:
            kind = content[at]
            end = at + 1
            if kind == BODY_PRESENT:
                end = _body_end(content, at, index)
                if end > len(content):
                    break
                yield index, kind, content[at + 1 : at + 17], content[at + 21 : end]
            elif kind in (BODY_ERASED, BODY_WITHHELD):
                yield index, kind, b"", b""
            else:
                raise FramingError(index, "A body's first byte is none of 0, 1 and 2.")
            at, index = end, index + 1
        content = content[at:]
        if index == width and content:
            raise FramingError(width - 1, "Something follows the last body of a block.")
    if index < width:
        raise FramingError(index, "The bodies of a block end too early.")


def commitments_of(content: bytes, width: int) -> list[bytes] | None:
    """Return what `width` bodies that are all present commit to; None for whatever else.

    The short way through a block in which all is well.
    """
    digest, head, end = hashlib.sha256, _BODY_HEAD.unpack_from, 0
    found = []
    try:
        for _ in range(width):
            kind, salt, length = head(content, end)
            start = end + 21
            end = start + length
            found.append(digest(b"\2" + salt + content[start:end]).digest())
            if kind != BODY_PRESENT or length > MAX_BODY:
                return None
    except struct.error:
        return None
    return found if end == len(content) else None


def _body_end(content: bytes, at: int, index: int) -> int:
    """Return where the record at `at` ends, as far as can be told: not before 21 bytes."""
    if at + 21 > len(content):
        return at + 21
    length = int(_U32.unpack_from(content, at + 17)[0])
    if length > MAX_BODY:
        raise FramingError(index, "A body is longer than 1 MiB.")
    return at + 21 + length
