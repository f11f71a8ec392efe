"""The manifest: what a bundle holds, what it withholds, and the digest of every file in it."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple

from ledger.bundle.errors import BundleTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ledger.bundle.archive import Part

SCHEMA = "ledger.bundle/1"
MOST_BYTES = 64 << 20  # formats.md: verifiers refuse a longer manifest
NAME, NOTE = "manifest.json", "manifest.note"


class IncludedStream(NamedTuple):
    """A stream that is in the bundle, up to `size`, with the sizes of its checkpoints."""

    origin: str
    origin_id: str
    size: int
    root: str
    checkpoints: tuple[int, ...]

    def told(self) -> dict[str, Any]:
        return {
            "checkpoints": list(self.checkpoints),
            "id": self.origin_id,
            "included": True,
            "origin": self.origin,
            "root": self.root,
            "size": self.size,
        }


class OtherStream(NamedTuple):
    """A stream that is not in the bundle, with its newest recorded head, and why not."""

    origin: str
    origin_id: str
    size: int
    root: str
    reason: str

    def told(self) -> dict[str, Any]:
        return {
            "id": self.origin_id,
            "included": False,
            "origin": self.origin,
            "reason": self.reason,
            "root": self.root,
            "size": self.size,
        }


class Manifest(NamedTuple):
    """Everything a manifest says but for the files; lists come in any order but `withheld`.

    `withheld` is given as canonical JSON, one object for each entry, streams by origin and
    entries by number: it may be longer than everything else.
    """

    created_at: str
    generator: dict[str, str]
    org: str
    scope: dict[str, str]
    anchors: list[dict[str, Any]]
    blobs: list[dict[str, Any]]
    streams: list[IncludedStream | OtherStream]
    withheld: Iterable[bytes]


def content(manifest: Manifest, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield the canonical bytes of the manifest.

    Raises BundleTooLargeError when they are more than 64 MiB.
    """
    size = 0
    for piece in _pieces(manifest, parts):
        size += len(piece)
        yield piece
    if size > MOST_BYTES:
        raise BundleTooLargeError(size)


def _pieces(manifest: Manifest, parts: Iterable[Part]) -> Iterator[bytes]:
    anchors = sorted(manifest.anchors, key=lambda anchor: anchor["path"])
    yield b'{"anchors":' + _json(anchors)
    yield b',"blobs":' + _json(sorted(manifest.blobs, key=lambda blob: blob["sha256"]))
    yield b',"created_at":' + _json(manifest.created_at)
    yield b',"files":['
    yield from _joined(
        _json({"path": part.path, "sha256": part.sha256.hex(), "size": part.size})
        for part in sorted(parts, key=lambda part: part.path.encode())
    )
    yield b'],"generator":' + _json(manifest.generator)
    yield b',"org":' + _json(manifest.org)
    yield b',"schema":' + _json(SCHEMA)
    yield b',"scope":' + _json(manifest.scope)
    streams = sorted(manifest.streams, key=lambda stream: stream.origin)
    yield b',"streams":' + _json([stream.told() for stream in streams])
    yield b',"withheld":['
    yield from _joined(manifest.withheld)
    yield b"]}"


def _json(value: Any) -> bytes:
    """Return canonical JSON (formats.md): these values have nothing the check would refuse."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def withheld_line(origin: str, seq: int, commitment: bytes, reason: str) -> bytes:
    """Return what the manifest says about one withheld body."""
    told = {"commitment": commitment.hex(), "origin": origin, "reason": reason, "seq": seq}
    return _json(told)


def _joined(items: Iterable[bytes]) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield item if number == 0 else b"," + item


def note_text(org: str, manifest: Part) -> str:
    """Return the text that the organisation's key signs for this manifest."""
    return f"ledger/v1 bundle\n{org}\n{b64encode(manifest.sha256).decode()}\n"
