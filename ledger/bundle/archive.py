"""The archive: one zip whose bytes follow from its content alone, seen whole or not at all.

Files wait in a spool until the manifest, which comes first and lists them all, is known; the
headers are those that verifiers compare with (`verifier.zip_form`).
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple, Self

from ledger.verifier.zip_form import archive_end, central_header, local_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_COPY = 1 << 20


class Part(NamedTuple):
    """A file of the bundle: its path, its place in a spool, CRC-32 and SHA-256 of its bytes."""

    path: str
    source: IO[bytes]
    offset: int
    size: int
    crc: int
    sha256: bytes


class Spool:
    """Files on their way into a bundle: their bytes on disk in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by close()
        self._begun: tuple[str, int] | None = None
        self._at, self._crc, self._digest = 0, 0, hashlib.sha256()
        self.parts: list[Part] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, path: str) -> None:
        """Begin one file; the one before has ended."""
        assert self._begun is None
        self._begun = path, self._at
        self._crc, self._digest = 0, hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Write more of the file that was begun."""
        self._file.write(chunk)
        self._crc = zlib.crc32(chunk, self._crc)
        self._digest.update(chunk)
        self._at += len(chunk)

    def end(self) -> Part:
        """End the file and return what became of it."""
        assert self._begun is not None
        path, start = self._begun
        self._begun = None
        size, digest = self._at - start, self._digest.digest()
        part = Part(path, self._file, start, size, self._crc, digest)
        self.parts.append(part)
        return part

    def add(self, path: str, chunks: Iterable[bytes]) -> Part:
        """Keep one file, given in pieces, and return what became of it."""
        self.begin(path)
        for chunk in chunks:
            self.write(chunk)
        return self.end()

    def close(self) -> None:
        self._file.close()


def _pieces(part: Part) -> Iterable[bytes]:
    part.source.seek(part.offset)
    left = part.size
    while left:
        chunk = part.source.read(min(left, _COPY))
        if not chunk:
            raise EOFError(f"{part.path} was cut short in the spool.")
        left -= len(chunk)
        yield chunk


def write_zip(
    target: IO[bytes],
    first: Sequence[Part],
    parts: Iterable[Part],
    progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Write the members, `first` ones in their order, the others by path; return the size.

    Paths are ASCII; `target` is empty.  `progress` is told how many bytes are written.
    """
    others = sorted(parts, key=lambda part: part.path.encode())
    at, places = 0, []
    for part in (*first, *others):
        header = local_header(part.path, part.crc, part.size)
        places.append((part, at))
        target.write(header)
        for chunk in _pieces(part):
            target.write(chunk)
        at += len(header) + part.size
        progress(at)
    start = at
    for part, offset in places:
        record = central_header(part.path, part.crc, part.size, offset)
        target.write(record)
        at += len(record)
    end = archive_end(len(places), at - start, start)
    target.write(end)
    return at + len(end)
