"""Bundles edited by a forger who holds the log key: what both verifiers must agree about."""

import base64
import hashlib
import json
import random
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VECTORS = Path(__file__).parents[2] / "data" / "ledger"
KEYS = json.loads((VECTORS / "keys.json").read_text())["keys"]
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEYS[0]["seed"]))
PUBLIC = bytes.fromhex(KEYS[0]["public"])
TRUSTED = KEYS[0]["vkey_org"]
ORG, PROJECT = "example.org/ledger/org", "example.org/ledger/p/p1"
FIRST = ("manifest.json", "manifest.note")
Files = dict[str, bytes]


class Entry(NamedTuple):
    """One entry as a forger writes it; `commitment` None: that of the body."""

    seq: int
    sealed_us: int
    kind: int
    salt: bytes
    body: bytes
    commitment: bytes | None

    def with_json(self, change: Callable[[Any], None]) -> "Entry":
        event = json.loads(self.body)
        change(event)
        return self._replace(body=canonical(event), commitment=None)


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def signed(origin: str, text: str) -> bytes:
    key_id = digest(origin.encode() + b"\n\x01" + PUBLIC)[:4]
    line = base64_of(key_id + SIGNER.sign(text.encode()))
    return f"{text}\n\u2014 {origin} {line}\n".encode()


def members(name: str) -> Files:
    with zipfile.ZipFile(VECTORS / name) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def zipped(files: Files) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        rest = sorted(files.keys() - set(FIRST))
        for name in [each for each in FIRST if each in files] + rest:
            place = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            place.create_system, place.external_attr = 3, 0o100644 << 16
            archive.writestr(place, files[name])
    return written.getvalue()


def listed(files: Files, manifest: dict[str, Any]) -> Files:
    """List the files again and sign the list."""
    manifest["files"] = [
        {"path": name, "sha256": digest(content).hex(), "size": len(content)}
        for name, content in sorted(files.items())
        if name not in FIRST
    ]
    files["manifest.json"] = canonical(manifest)
    text = f"ledger/v1 bundle\n{ORG}\n{base64_of(digest(files['manifest.json']))}\n"
    return files | {"manifest.note": signed(ORG, text)}


def root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return digest(b"\x01" + root(hashes[:split]) + root(hashes[split:]))


def entries(files: Files, manifest: dict[str, Any], origin: str) -> list[Entry]:
    row = next(each for each in manifest["streams"] if each["origin"] == origin)
    folder = f"streams/{row['id']}"
    leaves = files[f"{folder}/tile/entries/000.p/{row['size']}"]
    bodies, at, found = files[f"{folder}/bodies/000.p/{row['size']}"], 0, []
    for start in range(2, len(leaves), 108):
        leaf = leaves[start : start + 106]
        kind, salt, body = bodies[at], b"", b""
        at += 1
        if kind == 1:
            (length,) = struct.unpack_from(">I", bodies, at + 16)
            salt, body = bodies[at : at + 16], bodies[at + 20 : at + 20 + length]
            at += 20 + length
        seq, sealed_us = struct.unpack_from(">QQ", leaf, 26)
        found.append(Entry(seq, sealed_us, kind, salt, body, leaf[74:]))
    return found


def resealed(files: Files, manifest: dict[str, Any], origin: str, told: list[Entry]) -> None:
    """Write a stream anew, links and tiles mended, its checkpoints signed again."""
    row = next(each for each in manifest["streams"] if each["origin"] == origin)
    folder, origin_id = f"streams/{row['id']}", bytes.fromhex(row["id"])
    previous, leaves, bodies, hashes = digest(b"\x00ledger/v1\n" + origin_id), b"", b"", []
    for each in told:
        commitment = each.commitment or digest(b"\x02" + each.salt + each.body)
        place = struct.pack(">QQ", each.seq, each.sealed_us)
        leaf = b"ledger/v1\n" + origin_id + place + previous + commitment
        previous = digest(b"\x00" + leaf)
        hashes.append(previous)
        leaves += struct.pack(">H", 106) + leaf
        length = struct.pack(">I", len(each.body))
        bodies += bytes([each.kind]) + (
            each.salt + length + each.body if each.kind == 1 else b""
        )
    for name in [each for each in files if each.startswith(folder)]:
        del files[name]
    size = len(told)
    row["checkpoints"] = sorted({each for each in row["checkpoints"] if each < size} | {size})
    row["size"], row["root"] = size, root(hashes).hex()
    files[f"{folder}/tile/entries/000.p/{size}"] = leaves
    files[f"{folder}/tile/0/000.p/{size}"] = b"".join(hashes)
    files[f"{folder}/bodies/000.p/{size}"] = bodies
    for each in row["checkpoints"]:
        name = "checkpoint" if each == size else f"checkpoints/{each}"
        text = f"{origin}\n{each}\n{base64_of(root(hashes[:each]))}\n"
        files[f"{folder}/{name}"] = signed(origin, text)


def forged(told: list[Entry], change_listed: Callable[[Any], None] = lambda _: None) -> Files:
    """Return the good bundle with other project entries, recorded and signed as if true."""
    files = members("bundle-ok.zip")
    manifest = json.loads(files["manifest.json"])
    resealed(files, manifest, PROJECT, told)
    row = next(each for each in manifest["streams"] if each["origin"] == PROJECT)
    heads = {each: _head(files, row, each) for each in row["checkpoints"]}
    records = [_recorded(each, heads) for each in entries(files, manifest, ORG)]
    resealed(files, manifest, ORG, records)
    for name in [each for each in files if each.startswith("anchors/")]:
        del files[name]
    manifest["anchors"] = []
    change_listed(manifest)
    return listed(files, manifest)


def _head(files: Files, row: dict[str, Any], size: int) -> str:
    name = "checkpoint" if size == row["size"] else f"checkpoints/{size}"
    note = files[f"streams/{row['id']}/{name}"].decode()
    return base64.b64decode(note.split("\n")[2]).hex()


def _recorded(entry: Entry, heads: dict[int, str]) -> Entry:
    if b"ledger.checkpoint_signed" not in entry.body:
        return entry

    def change(event: Any) -> None:
        size = event["payload"]["size"]
        newest = size if size in heads and size != 12 else max(heads)
        event["payload"] |= {"size": newest, "root": heads[newest]}

    return entry.with_json(change)


def changed(value: Any, random_: random.Random) -> None:
    """Change one thing anywhere inside a JSON value."""
    places: list[tuple[Any, Any]] = []

    def walk(inside: Any) -> None:
        items = inside.items() if isinstance(inside, dict) else enumerate(inside)
        for key, item in items:
            places.append((inside, key))
            if isinstance(item, dict | list):
                walk(item)

    walk(value)
    inside, key = random_.choice(places)
    old = inside[key]
    others: list[Any] = [None, "x", [], 7, not old]
    if isinstance(old, str) and old:
        others += [old[:-1], old + "0", old[0].swapcase() + old[1:], old.replace("1", "2", 1)]
    if isinstance(old, int):
        others += [old + 1, old - 1, str(old)]
    inside[key] = random_.choice(others)


def edited(seed: int) -> bytes:
    """Return a bundle with one thing changed, by a forger with the key or without."""
    pick = random.Random(seed)  # noqa: S311
    files = members("bundle-ok.zip")
    manifest = json.loads(files["manifest.json"])
    told = entries(files, manifest, PROJECT)
    kind = pick.choice(
        ("body", "signature", "order", "time", "cut", "blank", "file", "drop", "flip")
    )
    at = pick.randrange(len(told))
    if kind in {"body", "signature"}:
        readable = [i for i, each in enumerate(told) if each.kind == 1]
        at = pick.choice([6, 11] if kind == "signature" else readable)
        told[at] = told[at].with_json(lambda event: changed(event["payload"], pick))
    elif kind == "order":
        other = pick.randrange(len(told))
        told[at], told[other] = _swapped(told[at], told[other])
    elif kind == "time":
        told[at] = told[at]._replace(
            sealed_us=told[at].sealed_us + pick.choice((-1, 1)) * 10**8
        )
    elif kind == "cut":
        told = told[: at + 1]
    elif kind == "blank":
        told[at] = told[at]._replace(kind=pick.choice((0, 2)), salt=b"", body=b"")
    if kind in {"body", "signature", "order", "time", "cut", "blank"}:
        return zipped(forged(told))
    name = pick.choice(sorted(files.keys() - {"manifest.json", "manifest.note", "keys.json"}))
    if kind == "drop":
        del files[name]
        return zipped(listed(files, manifest))
    content = bytearray(zipped(files) if kind == "flip" else files[name])
    content[pick.randrange(len(content))] ^= 1 << pick.randrange(8)
    return bytes(content) if kind == "flip" else zipped(files | {name: bytes(content)})


def _swapped(one: Entry, other: Entry) -> tuple[Entry, Entry]:
    return (
        other._replace(seq=one.seq, sealed_us=one.sealed_us),
        one._replace(seq=other.seq, sealed_us=other.sealed_us),
    )
