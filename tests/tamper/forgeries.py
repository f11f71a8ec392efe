"""Bundles that somebody forged, most of them with the log's key (`bundle_edits`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.verifier.notes import VKey
from tests.ledger.verifier import bundle_edits as edits
from tests.ledger.verifier.bundle_edits import PROJECT, Entry, Files

Told = list[Entry]


@contextmanager
def other_key(public: bytes | None = None) -> Iterator[str]:
    """Let the forger sign with a key of their own."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edits, "SIGNER", key)
        patch.setattr(edits, "PUBLIC", public or key.public_key().public_bytes_raw())
        yield str(VKey.for_origin(edits.ORG, edits.PUBLIC))


def honest() -> Files:
    return edits.members("bundle-ok.zip")


def manifest_of(files: Files) -> dict[str, Any]:
    return dict(json.loads(files["manifest.json"]))


def told() -> Told:
    files = honest()
    return edits.entries(files, manifest_of(files), PROJECT)


def _say_otherwise(event: dict[str, Any]) -> None:
    event["payload"]["forged"] = "yes"


def suffix_signed_again() -> Files:
    entries = told()
    entries[8] = entries[8].with_json(_say_otherwise)
    return edits.forged(entries)


def tail_cut() -> Files:
    return edits.forged(told()[:9])


def middle_removed() -> Files:
    entries = told()
    return edits.forged([each for each in entries if each.seq != 8])


def middle_removed_closed_up() -> Files:
    entries = told()
    rest = [each._replace(seq=each.seq - 1) for each in entries[9:]]
    return edits.forged([*entries[:8], *rest])


def inserted_before() -> Files:
    entries = told()
    new = entries[8].with_json(_say_otherwise)._replace(sealed_us=entries[7].sealed_us)
    rest = [each._replace(seq=each.seq + 1) for each in entries[8:11]]
    return edits.forged([*entries[:8], new, *rest])


def reordered() -> Files:
    entries = told()
    entries[8], entries[9] = edits._swapped(entries[8], entries[9])  # noqa: SLF001
    return edits.forged(entries)


def time_set_back() -> Files:
    entries = told()
    entries[8] = entries[8]._replace(sealed_us=entries[7].sealed_us - 1)
    return edits.forged(entries)


def new_identity() -> Files:
    recorded = edits._recorded  # noqa: SLF001

    def by_the_other(entry: Entry, heads: dict[int, str]) -> Entry:
        """Record checkpoints as the other key's."""
        if b"ledger.checkpoint_signed" not in entry.body:
            return entry
        key_id = VKey.for_origin(PROJECT, edits.PUBLIC).key_id.hex()
        told = recorded(entry, heads)
        return told.with_json(lambda event: event["payload"].update(key_id=key_id))

    with other_key() as vkey, pytest.MonkeyPatch.context() as patch:
        patch.setattr(edits, "_recorded", by_the_other)
        files = edits.forged(told())
        keys = json.loads(files["keys.json"])
        keys["keys"] = [{"epoch": 0, "rotated_seq": None, "vkey": vkey}]
        files["keys.json"] = edits.canonical(keys)
        return edits.listed(files, manifest_of(files))


def body_changed() -> Files:
    """Edit the export alone, list it again, without the key."""
    files = honest()
    name = next(n for n in files if n.startswith(_folder(files)) and "/bodies/" in n)
    files[name] = files[name].replace(b'"at":"2', b'"at":"1', 1)
    with other_key(edits.PUBLIC):
        return edits.listed(files, manifest_of(files))


def body_changed_signed() -> Files:
    files = honest()
    name = next(n for n in files if n.startswith(_folder(files)) and "/bodies/" in n)
    files[name] = files[name].replace(b'"at":"2', b'"at":"1', 1)
    return edits.listed(files, manifest_of(files))


def _folder(files: Files) -> str:
    rows = manifest_of(files)["streams"]
    [found] = [row["id"] for row in rows if row["origin"] == PROJECT]
    return f"streams/{found}"


def file_removed() -> Files:
    return {n: c for n, c in honest().items() if not n.startswith("blobs/")}


def file_added() -> Files:
    return honest() | {"human/another.html": b"<p>All is well.</p>"}


def part_sold_as_whole() -> Files:
    """Leave the project out, as if the organisation had none."""
    files = honest()
    manifest, folder = manifest_of(files), _folder(files)
    manifest["streams"] = [row for row in manifest["streams"] if row["origin"] != PROJECT]
    manifest["anchors"] = [a for a in manifest["anchors"] if a["origin"] != PROJECT]
    manifest["withheld"], manifest["blobs"] = [], []
    kept = {a["path"] for a in manifest["anchors"]}
    for name in list(files):
        gone = name.startswith((folder, "blobs/"))
        if gone or (name.startswith("anchors/") and name not in kept):
            del files[name]
    return edits.listed(files, manifest)


def listed_by_another() -> Files:
    with other_key():
        return edits.listed(honest(), manifest_of(honest()))


def old_checkpoint_edited() -> Files:
    files = honest()
    name = f"{_folder(files)}/checkpoint"
    lines = files[name].decode().split("\n")
    lines[2] = edits.base64_of(bytes(32))
    files[name] = "\n".join(lines).encode()
    return edits.listed(files, manifest_of(files))


def weaker_algorithm() -> Files:
    """Name a key of an algorithm that nobody allowed, in the form that notes give it."""
    files = honest()
    keys = json.loads(files["keys.json"])
    other = b"\x02" + edits.PUBLIC
    key_id = edits.digest(f"{edits.ORG}\n".encode() + other)[:4].hex()
    keys["keys"][0]["vkey"] = f"{edits.ORG}+{key_id}+{edits.base64_of(other)}"
    files["keys.json"] = edits.canonical(keys)
    return edits.listed(files, manifest_of(files))


def repeated_key() -> Files:
    entries = told()
    body = entries[8].body.replace(b'{"actor"', b'{"actor":"a:1","actor"', 1)
    entries[8] = entries[8]._replace(body=body, commitment=None)
    return edits.forged(entries)


def blanked() -> Files:
    entries = told()
    entries[8] = entries[8]._replace(kind=0, salt=b"", body=b"")
    return edits.forged(entries)


def signed_for_another() -> Files:
    """Row 4: the server lets one person apply what another signed."""
    entries = told()
    [at] = [e.seq for e in entries if b'"event":"signature.applied"' in e.body][-1:]

    def act(event: dict[str, Any]) -> None:
        event["actor"] = "accounts.user:another"

    entries[at] = entries[at].with_json(act)
    return edits.forged(entries)
