"""The archive of a bundle, read by hand: nothing but the one form, and never as a whole.

Only the place of each member is kept in memory (8 bytes for each); names and sizes are read
from the central directory when they are needed.
"""

from __future__ import annotations

import re
import struct
import zlib
from array import array
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from ledger.verifier.zip_form import (
    CENTRAL,
    END,
    END_64,
    LIMIT_16,
    LIMIT_32,
    LOCATOR_64,
    archive_end,
    central_header,
    local_header,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 18
MAX_PATH = 200
_MAX_LIKELY = 4096
_PATH = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\Z")
_FIRST = ("manifest.json", "manifest.note")


class ArchiveError(ValueError):
    """The archive cannot be read; its form is not that of a bundle."""


class Member(NamedTuple):
    """A file in the archive: `offset` is that of its local header."""

    number: int
    path: str
    crc: int
    size: int
    offset: int


def safe_path(path: str) -> bool:
    """Tell whether `path` can be written to any disk without surprise."""
    if len(path) > MAX_PATH or not _PATH.match(path):
        return False
    return not {".", ".."} & set(path.split("/"))


class Archive:
    """The members of a bundle; `faults` are (code, message) of what does not stop reading."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.faults: list[tuple[str, str]] = []
        self._places = array("Q")  # of the records in the central directory
        self._known: dict[str, int] | None = (
            None  # only where the order is not that of a bundle
        )
        self._likely: dict[str, int] = {}  # folder: the member that is asked for next, mostly
        self._length = file.seek(0, 2)
        self._start, self._size, self._count = self._read_end()
        self._read_directory()

    def __len__(self) -> int:
        return len(self._places)

    def member(self, index: int) -> Member:
        """Return a member by its place in the archive."""
        return self._parse(index, self._at(self._places[index], 46 + MAX_PATH + 28))[0]

    def find(self, path: str) -> Member | None:
        """Return the member of this path, or None."""
        if self._known is not None:
            return self.member(self._known[path]) if path in self._known else None
        folder = path.rpartition("/")[0]
        likely = self._likely.get(folder, len(self))
        if likely < len(self):
            found = self.member(likely)
            if found.path == path:
                self._likely[folder] = likely + 1
                return found
        found_here = self._search(path)
        if found_here and len(self._likely) < _MAX_LIKELY:
            self._likely[folder] = found_here.number + 1
        return found_here

    def _search(self, path: str) -> Member | None:
        low, high, wanted = 0, len(self._places), _order(path)
        while low < high:
            middle = (low + high) // 2
            found = self.member(middle)
            if found.path == path:
                return found
            if _order(found.path) < wanted:
                low = middle + 1
            else:
                high = middle
        return None

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member; afterwards its header and checksum have been judged."""
        header = local_header(member.path, member.crc, member.size)
        if self._at(member.offset, len(header)) != header:
            self._fault("L101", f"The header before {member.path} has another form.")
        at, end, crc = member.offset + len(header), member.offset + len(header) + member.size, 0
        while at < end:
            content = self._at(at, min(CHUNK, end - at))
            crc = zlib.crc32(content, crc)
            at += len(content)
            yield content
        if crc != member.crc:
            self._fault("L101", f"The checksum of {member.path} is not that of its bytes.")

    def _fault(self, code: str, message: str) -> None:
        self.faults.append((code, message))

    def _at(self, place: int, length: int) -> bytes:
        self.file.seek(place)
        content = self.file.read(length)
        if not content:
            raise ArchiveError("The archive ends too early.")
        return content

    def _read_end(self) -> tuple[int, int, int]:
        """Return where the directory begins, its length and the number of its records."""
        if self._length < END.size:
            raise ArchiveError("The archive has no end.")
        end = END.unpack(self._at(self._length - END.size, END.size))
        if end[0] != b"PK\5\6":
            raise ArchiveError("Something follows the archive, or it was cut off.")
        count, size, start = end[4], end[5], end[6]
        tail = END.size
        if count == LIMIT_16 or LIMIT_32 in (size, start):
            tail += END_64.size + LOCATOR_64.size
            if self._length < tail:
                raise ArchiveError("The archive has no end.")
            wide = END_64.unpack(self._at(self._length - tail, END_64.size))
            count, size, start = wide[7:]
        if start + size + tail != self._length:
            raise ArchiveError("The archive has gaps, or sizes that are not true.")
        if self._at(self._length - tail, tail) != archive_end(count, size, start):
            self._fault("L101", "The end of the archive has another form.")
        return start, size, count

    def _read_directory(self) -> None:
        place, data_end, before = self._start, 0, (-1, "")
        names = _Names(self)
        ordered = True
        for index in range(self._count):
            if place >= self._start + self._size:
                raise ArchiveError("The directory of the archive ends too early.")
            member, length = self._parse(index, self._at(place, 46 + MAX_PATH + 28))
            if member.offset != data_end:
                raise ArchiveError(f"{member.path} lies over another file, or after a gap.")
            data_end += len(local_header(member.path, member.crc, member.size)) + member.size
            self._places.append(place)
            ordered = ordered and before < _order(member.path)
            names.add(member.path)
            before, place = _order(member.path), place + length
        if data_end != self._start or place != self._start + self._size:
            raise ArchiveError("The archive has gaps, or sizes that are not true.")
        if not ordered:
            self._fault("L101", "The files of the archive are not in their order.")
            self._known = {self.member(i).path: i for i in range(len(self))}
        names.judge()

    def _parse(self, index: int, data: bytes) -> tuple[Member, int]:
        """Return the member of a directory record, and the record's length."""
        if len(data) < CENTRAL.size or data[:4] != b"PK\1\2":
            raise ArchiveError("The directory of the archive is not one.")
        fields = CENTRAL.unpack(data[: CENTRAL.size])
        method, crc, packed, size, offset = (
            fields[4],
            fields[7],
            fields[8],
            fields[9],
            fields[16],
        )
        name_end = CENTRAL.size + fields[10]
        length = name_end + fields[11] + fields[12]
        name = data[CENTRAL.size : name_end]
        if method != 0 or packed != size or fields[3] & 1:
            raise ArchiveError("A file of the archive is compressed or encrypted.")
        if fields[10] > MAX_PATH or not name.isascii() or len(name) != fields[10]:
            raise ArchiveError("A name in the archive is too long, or not plain ASCII.")
        size, offset = _wide(data[name_end : name_end + fields[11]], size, offset)
        member = Member(index, name.decode(), crc, size, offset)
        if offset + size > self._length:
            raise ArchiveError("A size in the archive is not true.")
        first_reading = len(self._places) == index
        if first_reading and data[:length] != central_header(*member[1:]):
            self._fault("L101", f"The record of {member.path!r} has another form.")
        return member, length


class _Names:
    """Finds names that are unsafe, or repeated when case is ignored."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._mixed: dict[str, str] = {}  # lower case -> name with capitals
        self._folders: set[str] = {""}
        self._before = ""

    def add(self, path: str) -> None:
        fault = self._archive.faults.append
        if not safe_path(path):
            fault(("L102", f"The name {path[:80]!r} is not safe."))
        low = path.lower()
        if path == self._before or low in self._mixed:
            fault(("L102", f"The name {path[:80]!r} is there twice."))
        elif low != path:
            self._mixed[low] = path
        folder = path.rpartition("/")[0]
        while folder not in self._folders:
            self._folders.add(folder)
            folder = folder.rpartition("/")[0]
        self._before = path

    def judge(self) -> None:
        for folder in sorted(self._folders):
            if self._archive.find(folder):
                self._archive.faults.append(("L102", f"{folder!r} is a file and a folder."))
        for low, path in self._mixed.items():
            if self._archive.find(low):
                self._archive.faults.append(("L102", f"{path!r} is there in two spellings."))


def _order(path: str) -> tuple[int, str]:
    return (_FIRST.index(path), "") if path in _FIRST else (2, path)


def _wide(extra: bytes, size: int, offset: int) -> tuple[int, int]:
    """Return size and offset with what a zip64 extra field says (APPNOTE §4.5.3)."""
    if len(extra) < 4 or extra[:2] != b"\1\0":
        return size, offset
    values = [v for (v,) in struct.iter_unpack("<Q", extra[4 : 4 + (len(extra) - 4) // 8 * 8])]
    if size == LIMIT_32 and len(values) >= 2:
        size, values = values[0], values[2:]
    if offset == LIMIT_32 and values:
        offset = values[0]
    return size, offset
