"""The files of a bundle against its manifest: listed, unchanged and at a known place."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.verifier.archive import Archive, Member
    from ledger.verifier.findings import Findings


class Files:
    """Reads members and compares each with its digest in the manifest the first time."""

    def __init__(self, archive: Archive, findings: Findings) -> None:
        self.archive = archive
        self.findings = findings
        self._digests = bytearray(32 * len(archive))
        self._listed = bytearray(len(archive))
        self._checked = bytearray(len(archive))
        self._placed = bytearray(len(archive))

    def take(self, path: str, digest: bytes, size: int) -> None:
        """Take what the manifest says of a file."""
        member = self.archive.find(path)
        if member is None:
            self.findings.add("L105", f"{path} is listed and missing.")
            return
        self._listed[member.number] = 1
        self._digests[32 * member.number : 32 * member.number + 32] = digest
        if member.size != size:
            self.findings.add("L104", f"{path} has {member.size} bytes, not {size}.")

    def skip(self, path: str) -> None:
        """Count `path`, which the manifest does not list, as listed and checked."""
        member = self.archive.find(path)
        if member:
            self._listed[member.number] = self._checked[member.number] = 1
            self._placed[member.number] = 1

    def place(self, path: str) -> Member | None:
        """Return the member at a place that the formats know, or None if there is none."""
        member = self.archive.find(path)
        if member:
            self._placed[member.number] = 1
        return member

    def read(self, path: str, limit: int) -> bytes | None:
        """Return a file at a known place; None if it is missing or has more than `limit`."""
        member = self.place(path)
        if member is None or member.size > limit:
            return None
        return b"".join(self.chunks(member))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield a file's bytes; its digest is compared at the end."""
        digest = hashlib.sha256()
        for chunk in self.archive.chunks(member):
            digest.update(chunk)
            yield chunk
        self._judge(member, digest.digest())

    def below(self, folder: str) -> Iterator[str]:
        """Yield the path of every file below `folder`, which ends in a slash."""
        for index in range(len(self.archive)):
            path = self.archive.member(index).path
            if path.startswith(folder):
                yield path

    def digest(self, path: str) -> bytes | None:
        """Return the digest that the manifest gives for a file that is there."""
        member = self.archive.find(path)
        if member is None or not self._listed[member.number]:
            return None
        return bytes(self._digests[32 * member.number : 32 * member.number + 32])

    def _judge(self, member: Member, digest: bytes) -> None:
        if self._checked[member.number]:
            return
        self._checked[member.number] = 1
        listed = self._digests[32 * member.number : 32 * member.number + 32]
        if self._listed[member.number] and digest != listed:
            self.findings.add("L104", f"{member.path} is not the file that was listed.")

    def sweep(self) -> None:
        """Check every file that nothing has read; report those without list or place."""
        for index in range(len(self.archive)):
            if not self._checked[index]:
                for _ in self.chunks(self.archive.member(index)):
                    pass
            if not self._listed[index]:
                path = self.archive.member(index).path
                self.findings.add("L106", f"{path!r} is not listed.")
            elif not self._placed[index]:
                path = self.archive.member(index).path
                if not path.startswith("human/"):
                    self.findings.add("L106", f"{path!r} has no place in a bundle.")
