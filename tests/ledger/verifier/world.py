"""A small record that can be changed at will and sealed, signed and packed again."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.verifier import hashes, tree, zip_form
from ledger.verifier.blocks import tile_name
from ledger.verifier.bundle import Brought, verify_bundle
from ledger.verifier.notes import (
    Checkpoint,
    Note,
    NoteLine,
    Succession,
    VKey,
    bundle_text,
    checkpoint_text,
    note_bytes,
    succession_text,
)
from ledger.verifier.report import Report
from ledger.verifier.strict_json import dumps
from tests.ledger.verifier.sentences import is_sentence

DATA = Path(__file__).parents[2] / "data" / "ledger"
ORG, P1 = "example.org/ledger/org", "example.org/ledger/p/p1"
SEEDS = [
    bytes.fromhex(key["seed"]) for key in json.loads((DATA / "keys.json").read_text())["keys"]
]
PRIVATE = [Ed25519PrivateKey.from_private_bytes(seed) for seed in SEEDS]
PUBLIC = [key.public_key().public_bytes_raw() for key in PRIVATE]
FIRST_US = 1_790_000_000_001_500


def vkey(origin: str = ORG, epoch: int = 0) -> VKey:
    return VKey.for_origin(origin, PUBLIC[epoch])


def signed(origin: str, text: str, *epochs: int) -> bytes:
    """Return a note over `text` in the name of `origin`, signed by the keys of `epochs`."""
    lines = [
        NoteLine(origin, vkey(origin, epoch).key_id, PRIVATE[epoch].sign(text.encode()))
        for epoch in epochs
    ]
    return note_bytes(Note(text, lines))


@dataclass
class Sealed:
    """An entry; `leaf` changes the fields of its leaf, `kind` how its body is carried."""

    sealed_us: int
    body: bytes
    kind: int = 1
    salt: bytes = b"salt" * 4
    commitment: bytes | None = None
    leaf: dict[str, Any] = field(default_factory=dict)

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def change(self, **fields: Any) -> None:
        """Change top-level fields of the event."""
        self.body = dumps({**self.event, **fields})

    def pay(self, **fields: Any) -> None:
        """Change fields of the payload."""
        self.change(payload={**self.event["payload"], **fields})

    def record(self) -> bytes:
        if self.kind != 1:
            return bytes([self.kind])
        return b"\1" + self.salt + struct.pack(">I", len(self.body)) + self.body


@dataclass
class Stream:
    origin: str
    entries: list[Sealed]
    sizes: list[int]
    size: int | None = None  # that the manifest says, where it is not the true one
    epochs: dict[int, tuple[int, ...]] = field(default_factory=dict)  # who signs at a size
    roots: dict[int, bytes] = field(default_factory=dict)  # other roots than the true ones

    @property
    def folder(self) -> str:
        return f"streams/{hashes.origin_id(self.origin).hex()}/"

    def leaves(self) -> list[bytes]:
        """Return the leaves, each after the one before it unless its fields say otherwise."""
        prev, made = hashes.first_prev(hashes.origin_id(self.origin)), []
        for seq, entry in enumerate(self.entries):
            committed = entry.commitment or hashes.commitment_of(entry.salt, entry.body)
            told: dict[str, Any] = {"id": hashes.origin_id(self.origin), "seq": seq}
            told["us"] = entry.sealed_us
            told |= {"prev": prev, "commitment": committed} | entry.leaf
            leaf = hashes.leaf_bytes(
                told["id"], told["seq"], told["us"], told["prev"], told["commitment"]
            )
            made.append(leaf)
            prev = hashes.leaf_hash(leaf)
        return made

    def root(self, size: int) -> bytes:
        if size in self.roots:
            return self.roots[size]
        grown = tree.Tree()
        for leaf in self.leaves()[:size]:
            grown.add(hashes.leaf_hash(leaf))
        return grown.root()

    def note(self, size: int) -> bytes:
        text = checkpoint_text(Checkpoint(self.origin, size, self.root(size)))
        return signed(self.origin, text, *self.epochs.get(size, (0,)))

    def files(self) -> dict[str, bytes]:
        """Return every file of the stream."""
        leaves, made = self.leaves(), {}
        for start in range(0, len(leaves), 256):
            block = leaves[start : start + 256]
            name = tile_name(start // 256, len(block))
            framed = b"".join(struct.pack(">H", 106) + leaf for leaf in block)
            bodies = [entry.record() for entry in self.entries[start : start + 256]]
            made[f"{self.folder}tile/entries/{name}"] = framed
            made[f"{self.folder}bodies/{name}"] = b"".join(bodies)
        level, row = 0, [hashes.leaf_hash(leaf) for leaf in leaves]
        while row:
            for start in range(0, len(row), 256):
                tile = row[start : start + 256]
                name = tile_name(start // 256, len(tile))
                made[f"{self.folder}tile/{level}/{name}"] = b"".join(tile)
            full = [row[at : at + 256] for at in range(0, len(row) // 256 * 256, 256)]
            row, level = [tree.levels_of(block)[8][0] for block in full], level + 1
        for size in self.sizes[:-1]:
            made[f"{self.folder}checkpoints/{size}"] = self.note(size)
        made[f"{self.folder}checkpoint"] = self.note(self.sizes[-1])
        return made

    def listed(self) -> dict[str, Any]:
        size = self.size or len(self.entries)
        return {
            "checkpoints": self.sizes,
            "id": hashes.origin_id(self.origin).hex(),
            "included": True,
            "origin": self.origin,
            "root": self.root(self.sizes[-1]).hex(),
            "size": size,
        }


Change = Callable[[dict[str, Any]], None]


class World:
    """A bundle taken apart; `pack` puts it together again with whatever was changed."""

    def __init__(self, name: str = "bundle-ok.zip") -> None:
        with zipfile.ZipFile(DATA / name) as bundle:
            self.kept = {path: bundle.read(path) for path in bundle.namelist()}
        self.manifest = json.loads(self.kept.pop("manifest.json"))
        del self.kept["manifest.note"]
        self.keys = json.loads(self.kept.pop("keys.json"))
        self.streams = {s["origin"]: self._read(s) for s in self.manifest["streams"]}
        self.kept = {p: c for p, c in self.kept.items() if not p.startswith("streams/")}
        self.follow = True  # the organisation's records follow what the streams became
        self.signers: tuple[int, ...] = (0,)  # of the manifest
        self.also: Change = lambda _files: None
        self.told: Change = lambda _manifest: None

    @property
    def org(self) -> Stream:
        return self.streams[ORG]

    @property
    def p1(self) -> Stream:
        return self.streams[P1]

    def without_anchor(self) -> None:
        """Leave the time stamp out: it is over the organisation's stream as it was."""
        self.manifest["anchors"] = []
        self.kept = {p: c for p, c in self.kept.items() if not p.startswith("anchors/")}

    def _read(self, listed: dict[str, Any]) -> Stream:
        folder, size = f"streams/{listed['id']}/", listed["size"]
        leaves = self.kept[f"{folder}tile/entries/{tile_name(0, size)}"]
        bodies, entries = self.kept[f"{folder}bodies/{tile_name(0, size)}"], []
        for at in range(0, len(leaves), 108):
            us, committed = (
                struct.unpack_from(">Q", leaves, at + 36)[0],
                leaves[at + 76 : at + 108],
            )
            if bodies[0] == 1:
                end = 21 + struct.unpack_from(">I", bodies, 17)[0]
                entries.append(Sealed(us, bodies[21:end], salt=bodies[1:17]))
            else:
                end = 1
                entries.append(Sealed(us, b"{}", kind=bodies[0], commitment=committed))
            bodies = bodies[end:]
        return Stream(listed["origin"], entries, listed["checkpoints"])

    def _records_follow(self) -> None:
        for entry in self.org.entries:
            payload = entry.event.get("payload", {}) if entry.kind == 1 else {}
            stream = self.streams.get(payload.get("origin", ""))
            if stream and payload.get("size", 0) <= len(stream.entries):
                entry.pay(root=stream.root(payload["size"]).hex())

    def pack(self) -> bytes:
        """Return the archive: sealed, listed and signed again after the changes."""
        if self.follow and ORG in self.streams:
            self._records_follow()
        files = {**self.kept, "keys.json": dumps(self.keys)}
        for stream in self.streams.values():
            files |= stream.files()
        self.also(files)
        listed = [
            {
                "path": path,
                "sha256": hashlib.sha256(files[path]).hexdigest(),
                "size": len(files[path]),
            }
            for path in sorted(files)
        ]
        streams = [self.streams[origin].listed() for origin in sorted(self.streams)]
        manifest = {**self.manifest, "files": listed, "streams": streams}
        self.told(manifest)
        return zipped(files, dumps(manifest), self.signers)

    def verify(self, *keys: VKey, **brought: Any) -> Report:
        return verified(self.pack(), *keys, **brought)


def zipped(files: dict[str, bytes], manifest: bytes, signers: tuple[int, ...] = (0,)) -> bytes:
    """Return the archive of files and a manifest, which is signed here."""
    note = signed(ORG, bundle_text(ORG, manifest), *signers)
    return archive(
        [("manifest.json", manifest), ("manifest.note", note), *sorted(files.items())]
    )


def archive(members: list[tuple[str, bytes]]) -> bytes:
    """Return an archive in the one form."""
    made, directory = BytesIO(), BytesIO()
    for path, content in members:
        crc = zlib.crc32(content)
        directory.write(zip_form.central_header(path, crc, len(content), made.tell()))
        made.write(zip_form.local_header(path, crc, len(content)) + content)
    end = zip_form.archive_end(len(members), directory.tell(), made.tell())
    return made.getvalue() + directory.getvalue() + end


def verified(bundle: bytes, *keys: VKey, **brought: Any) -> Report:
    """Verify a bundle in this process; without keys the first key of the site is brought."""
    told = {"references": [], "receipts": [], "witnesses": [], "authorities": []} | brought
    return verify_bundle(BytesIO(bundle), Brought(list(keys or [vkey()]), **told))


def succession(epoch: int, *signers: int) -> bytes:
    text = succession_text(Succession(ORG, epoch, vkey(ORG, epoch - 1), vkey(ORG, epoch)))
    return signed(ORG, text, *signers)


def faults(report: Report) -> dict[str, set[tuple[str, int | None]]]:
    """Return the L findings: code and entry, by stream ("" is the bundle)."""
    assert report.bundle is not None
    every = {"": report.bundle} | {s.origin: s.findings for s in report.streams}
    assert all(is_sentence(f.message) for found in every.values() for f in found.all())
    told = {
        origin: {(f.code, f.seq) for f in found.all() if f.code.startswith("L")}
        for origin, found in every.items()
    }
    return {origin: found for origin, found in told.items() if found}


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def rotated() -> World:
    """Return the bundle in which the key was handed on at the organisation's entry 4."""
    world = World("bundle-ok-rotation.zip")
    world.signers = (1,)
    world.org.epochs = {5: (1, 0), 6: (1,)}
    world.p1.epochs = {12: (1,)}
    return world
