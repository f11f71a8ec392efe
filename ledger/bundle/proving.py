"""Verify a bundle before anybody can have it, by the verifier that travels inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from ledger.bundle.errors import BundleNotSoundError
from ledger.verifier.bundle import Brought, verify_bundle
from ledger.verifier.notes import VKey
from ledger.verifier.report import GOOD

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.bundle.progress import Progress
    from ledger.bundle.writing import Made
    from ledger.verifier.report import Report


class _Watched:
    """A file that tells how much of it has been read."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress) -> None:
        self._file, self._size, self._progress = file, size, progress
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._done += len(content)
        self._progress("checking", min(self._done, self._size), self._size)
        return content

    def seek(self, place: int, whence: int = 0) -> int:
        return self._file.seek(place, whence)


def prove(path: Path, made: Made, progress: Progress) -> None:
    """Verify with the organisation's key in hand, as its receiver will.

    Raises BundleNotSoundError, which names what was found, unless every verdict is good.
    """
    with path.open("rb") as file:
        watched: Any = _Watched(file, made.size, progress)
        report = verify_bundle(watched, Brought([VKey.parse(made.vkey)], [], [], [], []))
    if report.exit_code() != GOOD:
        raise BundleNotSoundError(_found(report))


def _found(report: Report) -> list[str]:
    """Return every fault as a sentence, those about the file first."""
    found = list(report.bundle.all()) if report.bundle else []
    told = [("the bundle", finding) for finding in found]
    for stream in report.streams:
        told += [(stream.origin, finding) for finding in stream.findings.all()]
    return [
        f"{finding.code} in {where}"
        + (f" at entry {finding.seq:,}" if finding.seq is not None else "")
        + f": {finding.message.rstrip('.')}"
        for where, finding in told
        if finding.code.startswith("L")
    ]
