"""A file that has no name until it is whole: no power cut and no kill leaves half of one."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ledger.bundle.errors import BundleExistsError

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = ".bundle-"


class Draft:
    """The file being written; `keep` flushes it and gives it its name, once."""

    def __init__(self, file: IO[bytes], place: Path, named: Path | None) -> None:
        self.file = file
        self._place = place
        self._named = named  # only where the file system has no files without a name

    @property
    def path(self) -> Path:
        """Where this process can open it again."""
        return self._named or Path(f"/proc/self/fd/{self.file.fileno()}")

    def flush(self) -> None:
        """Write through to the disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def keep(self) -> None:
        """Give it its name, durably.  Raises BundleExistsError if something has that name."""
        self.flush()
        folder = os.open(self._place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # The folder's descriptor makes Python call linkat with AT_SYMLINK_FOLLOW, which
            # open(2) asks for; unlike a rename, a link never replaces a file.
            os.link(
                self.path,
                self._place.name,
                src_dir_fd=folder,
                dst_dir_fd=folder,
                follow_symlinks=True,
            )
            os.fsync(folder)
        except FileExistsError:
            raise BundleExistsError(self._place) from None
        finally:
            os.close(folder)


@contextmanager
def draft(place: Path) -> Iterator[Draft]:
    """Yield a file for `place` that is gone unless it is kept.

    Raises BundleExistsError at once if something has the name, OSError if the folder cannot be
    written.
    """
    place = place.absolute()
    if place.exists() or place.is_symlink():
        raise BundleExistsError(place)
    file, named = _open(place)
    try:
        with file:
            yield Draft(file, place, named)
    finally:
        if named:
            with suppress(FileNotFoundError):
                named.unlink()


def _open(place: Path) -> tuple[IO[bytes], Path | None]:
    try:
        unnamed = os.open(place.parent, os.O_TMPFILE | os.O_RDWR, 0o600)
    except (OSError, AttributeError):  # some file systems, and others than Linux
        named = place.parent / f"{PREFIX}{secrets.token_hex(8)}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        return os.fdopen(os.open(named, flags, 0o600), "w+b"), named
    return os.fdopen(unnamed, "w+b"), None
