"""Put the streams of a bundle into the database as they are, true or false, past the guards."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from ledger import index
from ledger.models import Stream

LEAF = struct.Struct(">10s16sQQ32s32s")  # formats.md, "Stream, leaf, hash, tree"
ERASED, KEPT, WITHHELD = 0, 1, 2
BODY_GUARDS = ("deny_row", "deny_truncate", "body_check", "link_at_commit")


@dataclass(frozen=True)
class Loaded:
    """One stream as it is now in the database; of `withheld` entries it lacks the bodies."""

    stream: Stream
    size: int
    withheld: frozenset[int]


def load(cursor: Any, bundle: Path) -> dict[str, Loaded]:
    """Load every stream that `bundle` includes, by its origin; `cursor` is a superuser's.

    Leaves, bodies, tiles above level 0, checkpoints and anchors, each byte as found; nothing
    is checked.  The index is made from the bodies, and the guards are as before.
    """
    with ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    loaded = {}
    for told in manifest["streams"]:
        if told["included"]:
            prefix = f"streams/{told['id']}/"
            parts = {
                name.removeprefix(prefix): content
                for name, content in files.items()
                if name.startswith(prefix)
            }
            loaded[told["origin"]] = load_stream(cursor, told["origin"], parts)
    for anchor in manifest["anchors"]:
        cursor.execute(
            "INSERT INTO ledger.anchor (stream, size, kind, token)"
            " SELECT id, %s, %s, %s FROM ledger.stream WHERE origin = %s",
            [anchor["size"], anchor["kind"], files[anchor["path"]], anchor["origin"]],
        )
    index.rebuild()
    return loaded


def load_stream(cursor: Any, origin: str, files: dict[str, bytes]) -> Loaded:
    """Load one stream from the files of its folder, by their paths in it."""
    cursor.execute("SELECT ledger.open_stream(%s)", [origin])
    stream = Stream.objects.get(pk=cursor.fetchone()[0])
    leaves = list(leaves_of(files))
    bodies = list(_bodies(files)) or [(ERASED, None, None)] * len(leaves)
    withheld = set()
    with _unguarded(cursor):
        for leaf, (kind, salt, body) in zip(leaves, bodies, strict=True):
            _, _, seq, sealed_us, _, committed = LEAF.unpack(leaf)
            cursor.execute(
                "INSERT INTO ledger.body (stream, salt, body) VALUES (%s, %s, %s) RETURNING id",
                [stream.pk, salt, body],
            )
            row = [stream.pk, seq, cursor.fetchone()[0], sealed_us, committed]
            cursor.execute(
                "INSERT INTO ledger.entry VALUES (%s, %s, %s, %s, %s, %s)",
                [*row, sha256(b"\x00" + leaf).digest()],
            )
            if kind == WITHHELD:
                withheld.add(seq)
    _load_tree(cursor, stream, files)
    return Loaded(stream, len(leaves), frozenset(withheld))


def _load_tree(cursor: Any, stream: Stream, files: dict[str, bytes]) -> None:
    for name, content in sorted(files.items()):
        if name == "checkpoint" or name.startswith("checkpoints/"):
            _, size, root, *_ = content.decode().split("\n")
            cursor.execute(
                "INSERT INTO ledger.checkpoint (stream, size, root, note)"
                " VALUES (%s, %s, %s, %s)",
                [stream.pk, int(size), base64.b64decode(root), content.decode()],
            )
        elif name.startswith("tile/") and name.split("/")[1] not in {"0", "entries"}:
            level = int(name.split("/")[1])
            cursor.execute(
                "INSERT INTO ledger.tile VALUES (%s, %s, %s, %s)",
                [stream.pk, level, _number(name, f"tile/{level}/"), content],
            )


def leaves_of(files: dict[str, bytes]) -> Iterator[bytes]:
    """Yield the leaves of a stream in their order: each of the 106 bytes after its length."""
    for content in _in_order(files, "tile/entries/"):
        at = 0
        while at < len(content):
            end = at + 2 + int.from_bytes(content[at : at + 2], "big")
            yield content[at + 2 : end]
            at = end


def _bodies(files: dict[str, bytes]) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    for content in _in_order(files, "bodies/"):
        at = 0
        while at < len(content):
            if content[at] != KEPT:
                yield content[at], None, None
                at += 1
                continue
            end = at + 21 + int.from_bytes(content[at + 17 : at + 21], "big")
            yield KEPT, content[at + 1 : at + 17], content[at + 21 : end]
            at = end


def _in_order(files: dict[str, bytes], prefix: str) -> Iterator[bytes]:
    names = [name for name in files if name.startswith(prefix)]
    for name in sorted(names, key=lambda name: _number(name, prefix)):
        yield files[name]


def _number(name: str, prefix: str) -> int:
    """Return the number of a tile: "x001/234.p/5" is 1234 (C2SP tlog-tiles)."""
    digits, _, _ = name.removeprefix(prefix).partition(".p/")
    return int(digits.replace("/", "").replace("x", ""))


@contextmanager
def _unguarded(cursor: Any) -> Iterator[None]:
    """Let blank bodies in, and let nothing link them; then put the guards back."""
    cursor.execute("ALTER TABLE ledger.body DISABLE TRIGGER ALL")
    yield
    cursor.execute("ALTER TABLE ledger.body ENABLE TRIGGER ALL")
    for guard in BODY_GUARDS:
        cursor.execute(f"ALTER TABLE ledger.body ENABLE ALWAYS TRIGGER {guard}")
